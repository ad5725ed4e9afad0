package dev.assay.client;

import java.io.Serializable;

/**
 * What is wrong with one field of a request.
 *
 * @param field the field's path in the request, for example {@code events[3].event_id}
 * @param description what is wrong with it
 */
public record FieldViolation(String field, String description) implements Serializable {}
