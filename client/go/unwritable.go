package assay

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a payload is searched; encoding/json itself gives up on circles soon after.
const maxDepth = 1000

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// findUnwritable looks for what JSON cannot hold: NaN, an infinity, text that is no UTF-8. It returns a sentence that
// names the place, as a JSON Pointer; "" if there is no such thing. It is slow, and asked only where something is
// wrong.
func findUnwritable(payload any) string {
	return unwritable(reflect.ValueOf(payload), "", 0)
}

func unwritable(value reflect.Value, place string, depth int) string {
	if !value.IsValid() || depth > maxDepth {
		return ""
	}
	if kind := value.Type(); kind.Implements(jsonMarshaler) || kind.Implements(textMarshaler) {
		return "" // It writes itself.
	}
	switch value.Kind() {
	case reflect.Float32, reflect.Float64:
		if number := value.Float(); math.IsNaN(number) || math.IsInf(number, 0) {
			return fmt.Sprintf("%s is %v, which JSON has no number for: send null, or leave the field out", at(place), number)
		}
	case reflect.String:
		if text := value.String(); !utf8.ValidString(text) {
			return fmt.Sprintf("%s is not UTF-8: %q", at(place), text)
		}
	case reflect.Pointer, reflect.Interface:
		return unwritable(value.Elem(), place, depth+1)
	case reflect.Slice, reflect.Array:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return ""
		}
		for i := range value.Len() {
			if found := unwritable(value.Index(i), place+"/"+strconv.Itoa(i), depth+1); found != "" {
				return found
			}
		}
	case reflect.Map:
		for entries := value.MapRange(); entries.Next(); {
			key := entries.Key()
			if key.Kind() == reflect.String && !utf8.ValidString(key.String()) {
				return fmt.Sprintf("a key of %s is not UTF-8: %q", at(place), key.String())
			}
			if found := unwritable(entries.Value(), place+"/"+pointerToken(fmt.Sprint(key)), depth+1); found != "" {
				return found
			}
		}
	case reflect.Struct:
		return unwritableField(value, place, depth)
	}
	return ""
}

func unwritableField(value reflect.Value, place string, depth int) string {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		tag := field.Tag.Get("json")
		if tag == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if strings.Contains(options, "omitempty") && value.Field(i).IsZero() {
			continue
		}
		inner := place
		if name == "" && !field.Anonymous {
			name = field.Name
		}
		if name != "" {
			inner += "/" + pointerToken(name)
		}
		if found := unwritable(value.Field(i), inner, depth+1); found != "" {
			return found
		}
	}
	return ""
}

func at(place string) string {
	if place == "" {
		return "the payload itself"
	}
	return place
}

func pointerToken(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
