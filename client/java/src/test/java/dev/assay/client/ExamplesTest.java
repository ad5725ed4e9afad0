package dev.assay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.assay.examples.ValidateMany;
import dev.assay.examples.ValidateOne;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples do what they say, and are short. */
@Timeout(60)
final class ExamplesTest {
  private static String printed(String input, Runnable example) {
    PrintStream out = System.out;
    InputStream in = System.in;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, UTF_8));
    System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
    try {
      example.run();
    } finally {
      System.setOut(out);
      System.setIn(in);
    }
    return bytes.toString(UTF_8);
  }

  @Test
  void oneEvent() {
    try (ScriptedServer server = new ScriptedServer("a")) {
      String[] arguments = {server.address()};

      assertEquals("u-1 is valid\n", printed("", () -> ValidateOne.main(arguments)));
    }
  }

  @Test
  void manyEvents() {
    try (ScriptedServer server = new ScriptedServer("a")) {
      String[] arguments = {server.address(), "type"};
      String lines = "{}\n{\"text\":\"bad\"}\n{}\n";

      String printed = printed(lines, () -> ValidateMany.main(arguments));

      assertEquals("3 events, 1 not valid\n", printed);
    }
  }

  @Test
  void eachIsShort() throws Exception {
    try (Stream<Path> files = Files.walk(Path.of("examples"))) {
      List<Path> examples = files.filter(file -> file.toString().endsWith(".java")).toList();

      assertEquals(2, examples.size());
      for (Path example : examples) {
        assertTrue(Files.readAllLines(example).size() < 40, example + " has 40 lines or more");
      }
    }
  }
}
