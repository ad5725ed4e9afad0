package dev.assay.client;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between what callers hold their data in and JSON text. */
final class Payloads {
  /** What is used unless the caller has a mapper of its own. Mappers are dear, and never change. */
  static final Payloads DEFAULT = new Payloads(newMapper());

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final double EXACT = 1L << 53;

  private final ObjectMapper mapper;

  Payloads(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  private static ObjectMapper newMapper() {
    return JsonMapper.builder()
        .addModule(new JavaTimeModule())
        .addModule(new Jdk8Module())
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .build();
  }

  /** Returns JSON text; throws {@link EncodingException} if JSON has no place for something. */
  ByteString json(Object payload) {
    ByteString.Output out = ByteString.newOutput(256);
    // Half of a surrogate pair is escaped, and the server has a finding for it.
    try (JsonGenerator plain = mapper.getFactory().createGenerator(out)) {
      // What is JSON already keeps its numbers as they are.
      mapper.writeValue(new StrictGenerator(plain, !(payload instanceof JsonNode)), payload);
    } catch (IOException | RuntimeException | StackOverflowError error) {
      throw failed(error);
    }
    return out.toByteString();
  }

  private static EncodingException failed(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof EncodingException problem) {
        return problem;
      }
    }
    String text =
        error instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : error.toString();
    return new EncodingException("the payload cannot be written as JSON: " + text, error);
  }

  /** Returns JSON text as a map; numbers keep all digits of an integer. */
  Map<String, Object> map(ByteString json) {
    try {
      return mapper.readValue(json.newInput(), OBJECT);
    } catch (IOException error) {
      throw new IllegalStateException("the payload cannot be read as a map", error);
    }
  }

  /** Returns JSON text as whatever a class describes. */
  <T> T read(ByteString json, Class<T> type) {
    try {
      return mapper.readValue(json.newInput(), type);
    } catch (IOException error) {
      throw new IllegalArgumentException("the payload is no " + type.getName(), error);
    }
  }

  <T> T read(Struct struct, Class<T> type) {
    return mapper.convertValue(map(struct), type);
  }

  /**
   * Returns a Struct as JSON would be read: its whole numbers, doubles on the wire, are integers.
   */
  static Map<String, Object> map(Struct struct) {
    Map<String, Object> map = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> map.put(key, plain(value)));
    return map;
  }

  private static Object plain(Value value) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRUCT_VALUE -> map(value.getStructValue());
      case LIST_VALUE -> {
        List<Object> list = new ArrayList<>(value.getListValue().getValuesCount());
        value.getListValue().getValuesList().forEach(each -> list.add(plain(each)));
        yield list;
      }
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static Object number(double number) {
    if (number == Math.rint(number) && Math.abs(number) <= EXACT) {
      return (long) number;
    }
    return number;
  }
}
