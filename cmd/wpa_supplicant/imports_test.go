package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the repository's folder, seen from this package.
const root = "../.."

// arrow allows packages below from (a path, or a prefix ending in "/…") to
// import packages of ours below to. Arrows only point down.
type arrow struct {
	from string
	to   []string
	why  string // printed when the rule is broken
}

// arrows is the import table of the house; the first row that fits a package decides.
var arrows = []arrow{
	{"engine/dot11", nil, "dot11 is a leaf: formats, known to everybody"},
	{"engine/keys", nil, "keys is a leaf: primitives"},
	{"engine/stack", nil, "stack is a leaf: it knows nothing of those who need room"},
	{"engine/loop/looptest", []string{"engine/loop"}, "the virtual twin shares the timer queue"},
	{"engine/loop", []string{"engine/stack"}, "loop is a leaf: it runs functions and knows nothing of them"},
	{"engine/logs", nil, "logs is a leaf: everybody may log"},
	{"introspection/tree", nil, "a reader of the data"},
	{"introspection", nil, "introspection is data"},
	{"engine/bss", []string{"engine/dot11"}, "the BSS table knows formats, not drivers or configuration"},
	{"conf", []string{"engine/dot11"}, "configuration is data; the engine reads it"},
	{"drivers/internal/…", []string{"drivers", "drivers/internal/…", "engine/dot11"}, "shared by real drivers only"},
	{"drivers/sim/…", []string{"drivers", "drivers/sim/…", "engine/dot11", "engine/loop", "engine/keys", "engine/rsn", "engine/sae", "engine/owe", "engine/eapol", "engine/eap/…"}, "the simulated air runs under the loop's clock and plays the other side of the machines"},
	{"drivers/…", []string{"drivers", "drivers/internal/…", "engine/dot11"}, "a driver knows its device, never the engine"},
	{"drivers", []string{"engine/dot11"}, "the driver boundary is types only"},
	{"engine/rsn", []string{"engine/dot11", "engine/keys"}, "machines do no I/O and know no engine"},
	{"engine/owe", []string{"engine/dot11", "engine/keys"}, "machines do no I/O and know no engine"},
	{"engine/ecc", []string{"engine/keys"}, "ecc is a leaf: fields and curves for machines with passwords"},
	{"engine/sae", []string{"engine/dot11", "engine/keys", "engine/ecc"}, "machines do no I/O and know no engine"},
	{"engine/eap/…", []string{"engine/dot11", "engine/keys", "engine/ecc", "engine/stack", "engine/eap/…"}, "machines do no I/O and know no engine"},
	{"engine/eapol", []string{"engine/dot11", "engine/keys", "engine/eap/…"}, "machines do no I/O and know no engine"},
	{"engine/ctrl/ctrlclient", nil, "the client speaks the socket protocol and needs nothing of the daemon"},
	{"engine/ctrl", []string{"engine", "engine/eap", "engine/bss", "engine/logs", "engine/loop", "conf", "drivers", "engine/dot11", "engine/ctrl/…"}, "a front end knows the engine and no other front end"},
	{"engine", []string{"engine/…", "conf", "drivers"}, "the engine knows driver types, never a driver or a front end"},
	{"dbus/bus", nil, "one bus connection; knows nothing of what travels over it"},
	{"dbus/bustest", []string{"dbus/bus"}, "a test's bus"},
	{"dbus", []string{"engine", "engine/eap", "engine/bss", "engine/logs", "engine/loop", "conf", "drivers", "engine/dot11", "introspection", "dbus/bus"}, "a front end knows the engine and no other front end"},
	{"cmd/…", []string{"…"}, "commands wire everything"},
}

// frontEnds may be imported by cmd alone.
var frontEnds = []string{"engine/ctrl", "dbus", "dbus/bus"}

// bans are things that must not stand in non-test files below a path, with the
// folders or files that are excepted.
type ban struct {
	below  string
	what   func(f *ast.File) []token.Pos
	except []string // path prefixes
	why    string
}

var bans = []ban{
	{"engine", goStatements, []string{"engine/loop/", "engine/ctrl/ctrlclient/", "engine/ctrl/reader.go", "engine/eap/eaptls/", "engine/eap/sim/simtest/"},
		"engine state belongs to the loop goroutine; readers post, heavy work goes to a Worker"},
	{"engine", importsOf("sync"), []string{"engine/loop/", "engine/logs/", "engine/ctrl/ctrlclient/", "engine/ctrl/reader.go", "engine/eap/eaptls/"},
		"one owner needs no lock"},
	{"engine", importsOf("math/rand", "math/rand/v2"), nil, "randomness arrives as an io.Reader"},
	{"engine", callsOf("time", "Now", "After", "Sleep", "NewTimer", "AfterFunc", "Tick", "NewTicker"), []string{"engine/loop/loop.go", "engine/logs/hub.go", "engine/ctrl/ctrlclient/"},
		"time is the loop's, so that tests can turn it"},
	{"", importsOf("C"), nil, "no cgo"},
	{"", importsOf("testing"), []string{"dbus/bustest/", "engine/eap/sim/simtest/", "cmd/wpa_supplicant/vmtest/"}, "production code does not import testing"},
	{"", importsOf("unsafe"), []string{"drivers/wext/", "drivers/internal/"}, "unsafe is for ioctl buffers only"},
	{"", importsOf("github.com/godbus/dbus/v5"), []string{"dbus/bus/", "dbus/bustest/", "cmd/wpa_supplicant/vmtest/"}, "dbus/bus is the only importer of godbus"},
}

func matches(pattern, pkg string) bool {
	if p, ok := strings.CutSuffix(pattern, "…"); ok {
		return strings.HasPrefix(pkg, p) || pkg == strings.TrimSuffix(p, "/")
	}
	return pattern == pkg
}

func rule(pkg string) *arrow {
	for k := range arrows {
		if matches(arrows[k].from, pkg) {
			return &arrows[k]
		}
	}
	return nil
}

// sources calls f for every non-test Go file, with its slash path from the root.
func sources(t *testing.T, f func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "build" || strings.HasPrefix(name, ".") && name != ".." && name != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		n++
		f(filepath.ToSlash(rel), file, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 50 {
		t.Fatalf("only %d files were read: the test looks in the wrong place", n)
	}
}

func TestImportsPointDown(t *testing.T) {
	sources(t, func(path string, file *ast.File, _ *token.FileSet) {
		pkg := filepath.ToSlash(filepath.Dir(path))
		r := rule(pkg)
		if r == nil {
			t.Errorf("%s: package %s has no row in the import table", path, pkg)
			return
		}
		for _, imp := range file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), "gosupplicant/")
			if !ours || to == pkg {
				continue
			}
			if !slices.ContainsFunc(r.to, func(p string) bool { return matches(p, to) }) {
				t.Errorf("%s imports %s: %s", path, to, r.why)
			}
			if slices.Contains(frontEnds, to) && !strings.HasPrefix(pkg, "cmd/") && !strings.HasPrefix(pkg, "dbus") {
				t.Errorf("%s imports the front end %s: only cmd does", path, to)
			}
		}
	})
}

func TestHouseBans(t *testing.T) {
	sources(t, func(path string, file *ast.File, set *token.FileSet) {
		for _, b := range bans {
			if b.below != "" && !strings.HasPrefix(path, b.below+"/") {
				continue
			}
			if slices.ContainsFunc(b.except, func(e string) bool { return strings.HasPrefix(path, e) }) {
				continue
			}
			for _, pos := range b.what(file) {
				t.Errorf("%s:%d: %s", path, set.Position(pos).Line, b.why)
			}
		}
	})
}

// TestTopLevel keeps the repository's first level to what was agreed.
func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "dbus", "engine", "drivers", "conf", "packaging", "introspection", "go.mod", "go.sum", "README.md", "LICENSE", "Makefile"}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && !slices.Contains(allowed, n) && n != "build" {
			t.Errorf("%s does not belong on the top level", n)
		}
	}
}

func goStatements(f *ast.File) (out []token.Pos) {
	ast.Inspect(f, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			out = append(out, g.Pos())
		}
		return true
	})
	return out
}

func importsOf(paths ...string) func(*ast.File) []token.Pos {
	return func(f *ast.File) (out []token.Pos) {
		for _, imp := range f.Imports {
			if slices.Contains(paths, strings.Trim(imp.Path.Value, `"`)) {
				out = append(out, imp.Pos())
			}
		}
		return out
	}
}

func callsOf(pkg string, names ...string) func(*ast.File) []token.Pos {
	return func(f *ast.File) (out []token.Pos) {
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if id, ok := s.X.(*ast.Ident); ok && id.Name == pkg && slices.Contains(names, s.Sel.Name) {
				out = append(out, s.Pos())
			}
			return true
		})
		return out
	}
}
