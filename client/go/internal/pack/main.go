// Packs the module into a folder, in the layout of a module proxy: GOPROXY=file://FOLDER serves it.
package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"assay.dev/assay"
)

const module = "assay.dev/assay"

// left are the folders that are no part of the module.
var left = []string{".tools", "build", "dist"}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: pack FOLDER")
	}
	if err := pack(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func pack(folder string) error {
	version := "v" + assay.Version
	versions := filepath.Join(folder, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]string{"Version": version})
	if err != nil {
		return err
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod} {
		if err := os.WriteFile(filepath.Join(versions, name), content, 0o644); err != nil {
			return err
		}
	}
	return archive(filepath.Join(versions, version+".zip"), module+"@"+version)
}

// archive writes all files of the module, below a prefix. Files have no times, so that one content gives one archive.
func archive(name, prefix string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := zip.NewWriter(file)
	err = filepath.WalkDir(".", func(place string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(left, place):
			return filepath.SkipDir
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
			return nil
		}
		content, err := os.ReadFile(place)
		if err != nil {
			return err
		}
		part, err := writer.Create(path.Join(prefix, filepath.ToSlash(place)))
		if err != nil {
			return err
		}
		_, err = part.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return file.Close()
}
