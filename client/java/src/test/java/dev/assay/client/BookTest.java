package dev.assay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.assay.client.CallException.Failure;
import dev.assay.v1.EventProto;
import dev.assay.v1.ValidationServiceProto;
import dev.assay.v1.ValidationServiceProto.ValidateStreamRequest;
import dev.assay.v1.ValidationServiceProto.ValidateStreamResponse;
import dev.assay.v1.VerdictProto;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a stream sends, sends again, and gives up. */
final class BookTest {
  private static final StreamTuning PAIRS = StreamTuning.builder().maxEventsPerMessage(2).build();

  private static EventProto.Event event(int bytes) {
    return EventProto.Event.newBuilder()
        .setPayloadJson(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  private static Book bookOf(StreamTuning tuning, int... sizes) {
    Book book = new Book(tuning, null);
    for (int size : sizes) {
      book.add(event(size), 0);
    }
    return book;
  }

  private static ValidateStreamResponse answerTo(ValidateStreamRequest request) {
    var answer = ValidateStreamResponse.newBuilder().setSequence(request.getSequence());
    request.getEventsList().forEach(each -> answer.addVerdicts(VerdictProto.Verdict.newBuilder()));
    return answer.build();
  }

  private static CallException failure(Status.Code code, Duration retryDelay) {
    return Failures.exception(
        new Failure(code, "told to", "", Map.of(), retryDelay, List.of()), null);
  }

  private static final CallException BROKEN = failure(Status.Code.UNAVAILABLE, null);

  @Test
  void aMessageIsSentWhenItIsFull() {
    Book book = bookOf(PAIRS, 1, 1, 1);
    book.beginCall();

    assertEquals(2, book.nextMessage().getEventsCount());
    assertNull(book.nextMessage());
    book.flush();
    assertEquals(1, book.nextMessage().getEventsCount());
  }

  @Test
  void aMessageIsSentWhenItHasItsBytes() {
    Book book = bookOf(StreamTuning.builder().maxBytesPerMessage(1_000).build(), 600, 600, 5_000);
    book.beginCall();

    for (int size : List.of(600, 600, 5_000)) {
      ValidateStreamRequest message = book.nextMessage();
      assertEquals(1, message.getEventsCount());
      assertEquals(size, message.getEvents(0).getPayloadJson().size());
    }
  }

  @Test
  void anEventWaitsForOthersSoLong() {
    Book book = new Book(PAIRS, null);

    assertFalse(book.add(event(1), 7));
    assertTrue(book.isDue());
    assertEquals(7 + PAIRS.maxDelay().toNanos(), book.due());
    assertTrue(book.add(event(1), 8));
    assertFalse(book.isDue());
  }

  @Test
  void theInputIsReadSoFarAheadAndNoFurther() {
    StreamTuning tuning = StreamTuning.builder().lookAhead(3).build();
    Book book = bookOf(tuning, 1, 1, 1);

    assertFalse(book.hasRoom());
    assertTrue(book.hasUnsent());
    book.beginCall();
    book.answer(answerTo(book.nextMessage()));
    assertFalse(book.hasRoom());
    book.release(1);
    assertTrue(book.hasRoom());
  }

  @Test
  void theInputIsReadSoManyBytesAhead() {
    Book book = bookOf(StreamTuning.builder().lookAheadBytes(1_000).build(), 1_200);

    assertFalse(book.hasRoom());
    book.beginCall();
    book.answer(answerTo(book.nextMessage()));
    assertTrue(book.hasRoom());
  }

  @Test
  void whatWasNotAnsweredIsSentAgainInOrder() {
    Book book = bookOf(PAIRS, 1, 1, 1, 1, 1, 1);
    book.beginCall();
    ValidateStreamRequest first = book.nextMessage();
    ValidateStreamRequest second = book.nextMessage();
    book.answer(answerTo(first));

    book.callEnded(BROKEN);
    book.beginCall();

    assertEquals(second, book.nextMessage());
    assertEquals(3, book.nextMessage().getSequence());
  }

  @Test
  void optionsGoWithTheFirstMessageOfEachCall() {
    var options = ValidationServiceProto.ValidateOptions.newBuilder().setExplain(true).build();
    Book book = new Book(PAIRS, options);
    for (int count = 0; count < 4; count++) {
      book.add(event(1), 0);
    }
    for (int call = 0; call < 2; call++) {
      book.beginCall();
      assertTrue(book.nextMessage().getOptions().getExplain());
      assertFalse(book.nextMessage().hasOptions());
      book.callEnded(BROKEN);
    }
  }

  @Test
  void aStreamIsGivenUpAfterSoManyAttemptsWithoutAnAnswer() {
    StreamTuning tuning = StreamTuning.builder().maxEventsPerMessage(1).maxAttempts(2).build();
    Book book = bookOf(tuning, 1, 1);

    for (int round = 0; round < 2; round++) {
      for (int attempt = 0; attempt < 2; attempt++) {
        long expected = tuning.initialBackoff().toNanos() << attempt;
        assertEquals(expected, book.callEnded(BROKEN), 0.2 * expected);
      }
      if (round == 0) {
        book.beginCall();
        book.answer(answerTo(book.nextMessage()));
      }
    }
    CallException error = assertThrows(UnavailableException.class, () -> book.callEnded(BROKEN));

    assertTrue(error.text().contains("after 1 events were answered, and 2 attempts in a row"));
    assertTrue(error.text().endsWith("told to"));
  }

  @Test
  void aServerThatAsksForTimeGetsIt() {
    Book book = bookOf(PAIRS, 1, 1);
    Duration asked = Duration.ofSeconds(7);

    assertEquals(asked.toNanos(), book.callEnded(failure(Status.Code.RESOURCE_EXHAUSTED, asked)));
  }

  @Test
  void whatAnotherCallWouldNotHelpIsThrown() {
    Book book = bookOf(PAIRS, 1, 1);

    for (Status.Code code : List.of(Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED)) {
      assertThrows(CallException.class, () -> book.callEnded(failure(code, null)));
    }
    StreamTuning once = StreamTuning.builder().maxEventsPerMessage(1).maxAttempts(0).build();
    assertThrows(UnavailableException.class, () -> bookOf(once, 1).callEnded(BROKEN));
  }

  @Test
  void aStreamThatEndsAfterAllIsAnsweredIsNoFailure() {
    Book book = bookOf(PAIRS, 1, 1);
    book.beginCall();
    book.answer(answerTo(book.nextMessage()));

    assertEquals(0, book.callEnded(null));
    assertEquals(0, book.callEnded(BROKEN));
  }

  @Test
  void anAnswerToSomethingElseBreaksTheContract() {
    Book book = bookOf(PAIRS, 1, 1);
    book.beginCall();
    ValidateStreamResponse answer = answerTo(book.nextMessage());

    var wrongNumber = answer.toBuilder().setSequence(2).build();
    var tooMany = answer.toBuilder().addVerdicts(VerdictProto.Verdict.newBuilder()).build();

    assertThrows(InternalException.class, () -> book.answer(wrongNumber));
    assertThrows(InternalException.class, () -> book.answer(tooMany));
    book.answer(answer);
    assertThrows(InternalException.class, () -> book.answer(answer));
  }

  @Test
  void figuresThatMakeNoSenseAreRefused() {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> StreamTuning.builder().lookAhead(0).build());
    assertEquals("lookAhead is 0: it must be 1 or more", error.getMessage());
  }
}
