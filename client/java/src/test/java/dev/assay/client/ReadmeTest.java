package dev.assay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, and runs. */
@Timeout(120)
final class ReadmeTest {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final String IMPORTS =
      """
      import dev.assay.client.*;
      import java.math.*;
      import java.time.*;
      import java.util.*;
      import java.util.stream.*;
      """;

  private static final class Source extends SimpleJavaFileObject {
    private final String code;

    Source(String code) {
      super(URI.create("string:///Readme.java"), Kind.SOURCE);
      this.code = code;
    }

    @Override
    public CharSequence getCharContent(boolean ignored) {
      return code;
    }
  }

  @Test
  void itsCodeRuns(@TempDir Path folder) throws Exception {
    List<String> examples =
        CODE.matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();
    assertTrue(examples.size() >= 6);
    try (ScriptedServer server = new ScriptedServer("a")) {
      StringBuilder code = new StringBuilder(IMPORTS).append("public final class Readme {\n");
      code.append("public static AssayClient client;\n");
      for (int number = 0; number < examples.size(); number++) {
        code.append("public static void example").append(number);
        code.append("() {\n").append(examples.get(number)).append("}\n");
      }
      compile(code.append("}\n").toString().replace("localhost:50051", server.address()), folder);
      run(server, folder, examples.size());
    }
  }

  private static void compile(String code, Path folder) {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    var compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options =
        List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    compiler.getTask(null, null, found, options, null, List.of(new Source(code))).call();
    List<String> errors = new ArrayList<>();
    for (Diagnostic<?> each : found.getDiagnostics()) {
      errors.add(each.toString());
    }
    assertEquals(List.of(), errors);
  }

  private static void run(ScriptedServer server, Path folder, int count) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        AssayClient client = AssayClient.builder(server.address()).build()) {
      Class<?> readme = loader.loadClass("Readme");
      readme.getField("client").set(null, client);
      for (int number = 0; number < count; number++) {
        readme.getMethod("example" + number).invoke(null);
      }
    } finally {
      System.setOut(out);
    }
    assertTrue(printed.toString(UTF_8).contains("holds NaN at /price"), printed.toString(UTF_8));
  }
}
