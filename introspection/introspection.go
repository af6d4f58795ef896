package introspection

import (
	"embed"
	"strings"
)

//go:embed *.xml
var files embed.FS

// Source returns the file of an interface as it stands, with line ends and
// indentation; false when there is none.
func Source(iface string) (string, bool) {
	b, err := files.ReadFile(iface + ".xml")
	return string(b), err == nil
}

// Compact returns the file of an interface without white space between tags,
// as it goes over the bus; false when there is none.
func Compact(iface string) (string, bool) {
	src, ok := Source(iface)
	var b strings.Builder
	for line := range strings.Lines(src) {
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String(), ok
}

// Names lists the interfaces that have a file, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".xml"))
	}
	return names
}
