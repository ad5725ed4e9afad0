package dev.assay.client;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;
import java.math.BigDecimal;

/** Writes JSON, and only JSON: no NaN, no infinity, and no decimal that loses its digits. */
final class StrictGenerator extends JsonGeneratorDelegate {
  private final boolean decimalsAsText;

  StrictGenerator(JsonGenerator plain, boolean decimalsAsText) {
    super(plain, false);
    this.decimalsAsText = decimalsAsText;
  }

  @Override
  public void writeNumber(double number) throws IOException {
    if (!Double.isFinite(number)) {
      throw notFinite(String.valueOf(number));
    }
    super.writeNumber(number);
  }

  @Override
  public void writeNumber(float number) throws IOException {
    if (!Float.isFinite(number)) {
      throw notFinite(String.valueOf(number));
    }
    super.writeNumber(number);
  }

  @Override
  public void writeArray(double[] numbers, int offset, int length) throws IOException {
    writeStartArray(numbers, length);
    for (int at = offset; at < offset + length; at++) {
      writeNumber(numbers[at]);
    }
    writeEndArray();
  }

  @Override
  public void writeNumber(BigDecimal number) throws IOException {
    if (decimalsAsText) {
      writeString(number.toString());
    } else {
      super.writeNumber(number);
    }
  }

  private EncodingException notFinite(String number) {
    String place = place(getOutputContext());
    return new EncodingException(
        "the payload holds "
            + number
            + (place.isEmpty() ? "" : " at " + place)
            + ", which JSON has no number for: send null, or leave the field out",
        null);
  }

  /** Returns where the value that is about to be written stands, as a JSON Pointer. */
  private static String place(JsonStreamContext context) {
    return context.inArray()
        ? context.getParent().pathAsPointer() + "/" + context.getEntryCount()
        : context.pathAsPointer().toString();
  }
}
