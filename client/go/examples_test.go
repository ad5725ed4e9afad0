package assay_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"assay.dev/assay"
	assayv1 "assay.dev/assay/gen/assay/v1"
)

// finding has the server find an empty name, and nothing else.
func finding(event *assayv1.Event) *assayv1.Verdict {
	verdict := verdictOn(event)
	if strings.Contains(string(event.GetPayloadJson()), `"name":""`) {
		verdict.Valid = false
		verdict.Findings = []*assay.Finding{{Check: "schema.string_too_short", Field: "/name", Message: "too short"}}
	}
	return verdict
}

// The examples run, and print what was found.
func TestExamples(t *testing.T) {
	server := serve(t, &server{
		validate: func(_ context.Context, request *assayv1.ValidateRequest) (*assayv1.ValidateResponse, error) {
			return &assayv1.ValidateResponse{Verdict: finding(request.Event)}, nil
		},
		onStream: func(stream stream) error {
			for {
				request, err := stream.Recv()
				if err != nil {
					return nil
				}
				var verdicts []*assayv1.Verdict
				for _, event := range request.Events {
					verdicts = append(verdicts, finding(event))
				}
				if err := stream.Send(&response{Sequence: request.Sequence, Verdicts: verdicts}); err != nil {
					return err
				}
			}
		},
	})
	if printed := run(t, "", "./examples/unary", server.address); printed != "valid: false\nschema.string_too_short /name too short\n" {
		t.Error(printed)
	}
	lines := run(t, `{"name":"Ada"}`+"\n"+`{"name":""}`+"\n", "./examples/stream", "user.registered", server.address)
	if !strings.HasPrefix(lines, "valid: true []\nvalid: false [") || strings.Count(lines, "\n") != 2 {
		t.Error(lines)
	}
}

// The examples are short, and README shows them as they are.
func TestREADMEShowsTheExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"unary", "stream"} {
		example, err := os.ReadFile(filepath.Join("examples", name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(example), "\n"); lines >= 40 {
			t.Errorf("%s has %d lines", name, lines)
		}
		if _, code, _ := strings.Cut(string(example), "\n"); !strings.Contains(string(readme), "```go\n"+code+"```\n") {
			t.Errorf("README.md shows another %s than examples/%s/main.go", name, name)
		}
	}
}

// What is packed can be used as a module by others.
func TestPackage(t *testing.T) {
	folder := t.TempDir()
	run(t, "", "./internal/pack", folder)
	for _, name := range []string{"list", "v" + assay.Version + ".info", "v" + assay.Version + ".mod", "v" + assay.Version + ".zip"} {
		if _, err := os.Stat(filepath.Join(folder, "assay.dev", "assay", "@v", name)); err != nil {
			t.Error(err)
		}
	}
	user := t.TempDir()
	goMod := "module user\n\ngo 1.24.0\n\nrequire assay.dev/assay v" + assay.Version + "\n"
	program := "package main\n\nimport \"assay.dev/assay\"\n\nfunc main() { println(assay.Version) }\n"
	for name, content := range map[string]string{"go.mod": goMod, "main.go": program} {
		if err := os.WriteFile(filepath.Join(user, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// What the client itself needs is in the module cache, as this test runs.
	download := exec.Command("go", "mod", "download", "-json", "assay.dev/assay@v"+assay.Version)
	download.Dir = user
	cache := t.TempDir()
	download.Env = append(os.Environ(), "GOFLAGS=-modcacherw", "GOMODCACHE="+cache, "GONOSUMDB=assay.dev", "GOPROXY=file://"+folder)
	if printed, err := download.CombinedOutput(); err != nil ||
		!strings.Contains(string(printed), `"Version": "v`+assay.Version+`"`) {
		t.Errorf("%v: %s", err, printed)
	}
}

func run(t *testing.T, input, program string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(soon(t), "go", append([]string{"run", program}, arguments...)...)
	command.Stdin = strings.NewReader(input)
	var failures strings.Builder
	command.Stderr = &failures
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%s fails: %v\n%s", program, err, failures.String())
	}
	return string(printed)
}
