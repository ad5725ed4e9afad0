package assay_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"assay.dev/assay"
)

// README shows the examples as they are.
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
		if _, code, _ := strings.Cut(string(example), "\n"); !strings.Contains(string(readme), "```go\n"+code+"```\n") {
			t.Errorf("README.md shows another %s than examples/%s/main.go", name, name)
		}
	}
}

// What is packed is a module, as Go's own tools fetch it.
func TestPackage(t *testing.T) {
	folder := t.TempDir()
	run(t, nil, "run", "./internal/pack", folder)
	version := "v" + assay.Version
	// A cache of its own, so that what was fetched before does not count.
	elsewhere := []string{
		"GOPROXY=file://" + filepath.ToSlash(folder), "GONOSUMDB=assay.dev", "GOMODCACHE=" + t.TempDir(), "GOFLAGS=-modcacherw",
	}
	fetched := run(t, elsewhere, "mod", "download", "-json", "assay.dev/assay@"+version)
	if !strings.Contains(fetched, `"Version": "`+version+`"`) || !strings.Contains(fetched, `"Sum": "h1:`) {
		t.Error(fetched)
	}
}

// run runs Go with a few variables of its own, and returns what it prints.
func run(t *testing.T, environment []string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(soon(t), "go", arguments...)
	command.Env = append(os.Environ(), environment...)
	var failures strings.Builder
	command.Stderr = &failures
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("go %q fails: %v\n%s", arguments, err, failures.String())
	}
	return string(printed)
}
