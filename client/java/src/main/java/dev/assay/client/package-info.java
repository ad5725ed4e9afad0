/**
 * The Java client of Assay, which tells whether events are well-formed, plausible and normal. Begin
 * with {@link dev.assay.client.AssayClient}.
 *
 * <p>All that is thrown on purpose is a {@link dev.assay.client.AssayException}: an {@link
 * dev.assay.client.EncodingException} for an event that cannot be sent, an {@link
 * dev.assay.client.InvalidEventException} where it was asked for, and a {@link
 * dev.assay.client.CallException} for a call without an answer, which keeps the status code, the
 * server's reason and metadata, and when to try again.
 */
package dev.assay.client;
