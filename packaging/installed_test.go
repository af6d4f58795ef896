package packaging_test

import (
	"debug/elf"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gosupplicant/dbus/bustest"
)

// tree is the installed tree, made once.
var tree struct {
	once sync.Once
	dir  string
	err  error
}

// installed installs into a folder of its own and returns it.
func installed(t *testing.T) string {
	t.Helper()
	tree.once.Do(func() {
		if tree.dir, tree.err = os.MkdirTemp("", "tree"); tree.err != nil {
			return
		}
		cmd := exec.Command("make", "-C", "..", "install", "DESTDIR="+tree.dir, "PREFIX=/usr")
		if out, err := cmd.CombinedOutput(); err != nil {
			tree.err = fmt.Errorf("make install: %w\n%s", err, out)
		}
	})
	if tree.err != nil {
		t.Fatal(tree.err)
	}
	return tree.dir
}

func TestMain(m *testing.M) {
	code := m.Run()
	if tree.dir != "" {
		os.RemoveAll(tree.dir)
	}
	os.Exit(code)
}

// list writes down a tree: one line with mode and path for each file.
func list(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintf(&b, "%v %s\n", info.Mode(), strings.TrimPrefix(path, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestInstalledFiles(t *testing.T) {
	got := list(t, installed(t))
	const readme = "-rw-r--r-- /usr/share/doc/gosupplicant/README.md\n"
	if _, err := os.Stat("../README.md"); err != nil { // a source tree may come without it
		got = strings.Replace(got, "/usr/share/doc/gosupplicant/LICENSE\n", "/usr/share/doc/gosupplicant/LICENSE\n"+readme, 1)
	}
	bustest.Golden(t, "installed.txt", got)
}

// TestProgramsNeedNoLibraries: they run on any Linux of the architecture.
func TestProgramsNeedNoLibraries(t *testing.T) {
	for _, name := range []string{"sbin/wpa_supplicant", "sbin/wpa_cli", "bin/wpa_passphrase"} {
		f, err := elf.Open(filepath.Join(installed(t), "usr", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				t.Errorf("%s is linked dynamically", name)
			}
		}
		f.Close()
	}
}

func TestProgramsRun(t *testing.T) {
	for name, text := range map[string]string{"sbin/wpa_supplicant -v": "wpa_supplicant v", "sbin/wpa_cli -v": "wpa_cli v", "bin/wpa_passphrase net password": "psk="} {
		words := strings.Fields(name)
		out, err := exec.Command(filepath.Join(installed(t), "usr", words[0]), words[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), text) {
			t.Errorf("%s: %v, %q", name, err, out)
		}
	}
}

func TestManualPages(t *testing.T) {
	if _, err := exec.LookPath("groff"); err != nil {
		t.Skip(err)
	}
	pages, err := filepath.Glob(filepath.Join(installed(t), "usr/share/man/man8/*.8"))
	if err != nil || len(pages) != 3 {
		t.Fatalf("%d manual pages, want 3: %v", len(pages), err)
	}
	for _, page := range pages {
		out, err := exec.Command("groff", "-man", "-ww", "-z", "-Tutf8", page).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", filepath.Base(page), err, out)
		}
	}
}

// TestManualNamesEveryFlag compares the page with what the program takes.
func TestManualNamesEveryFlag(t *testing.T) {
	usage, err := exec.Command(filepath.Join(installed(t), "usr/sbin/wpa_supplicant"), "-h").Output()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("wpa_supplicant.8")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^  -(\w) = `).FindAllStringSubmatch(string(usage), -1)
	if len(flags) < 20 {
		t.Fatalf("only %d flags in the usage text", len(flags))
	}
	_, options, _ := strings.Cut(string(page), ".SH OPTIONS")
	for _, f := range flags {
		if !strings.Contains(options, `\-`+f[1]) {
			t.Errorf("the manual page does not name -%s", f[1])
		}
	}
}

func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(installed(t), "usr/lib/systemd/system")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		unit := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		// The installed program stands where the unit will look for it.
		there := strings.ReplaceAll(string(text), "ExecStart=/usr/", "ExecStart="+installed(t)+"/usr/")
		copied := filepath.Join(t.TempDir(), e.Name())
		if err := os.WriteFile(copied, []byte(there), 0o644); err != nil {
			t.Fatal(err)
		}
		if e.Name() == "wpa_supplicant.socket" { // it needs its service beside it
			service, err := os.ReadFile(filepath.Join(dir, "wpa_supplicant.service"))
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(filepath.Join(filepath.Dir(copied), "wpa_supplicant.service"), service, 0o644)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", copied).CombinedOutput()
		// Units of other packages on this machine are read too, and may be old.
		var ours []string
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "wpa_supplicant") {
				ours = append(ours, line)
			}
		}
		if err != nil || len(ours) > 0 {
			t.Errorf("%s: %v\n%s", e.Name(), err, out)
		}
		if strings.HasSuffix(e.Name(), ".service") {
			exposure(t, unit)
		}
	}
}

// exposure holds the sandbox of a unit to what was reached.
func exposure(t *testing.T, unit string) {
	t.Helper()
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := regexp.MustCompile(`Overall exposure level for \S+: ([\d.]+)`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("no exposure in\n%s", out)
	}
	level, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil || level > 3 {
		t.Errorf("%s: exposure %s, want at most 3 (%v)", filepath.Base(unit), m[1], err)
	}
	t.Logf("%s: exposure %s", filepath.Base(unit), m[1])
}

// TestUnitSeesClientSockets: with a private /tmp no client would get an answer.
func TestUnitSeesClientSockets(t *testing.T) {
	units, err := filepath.Glob("*.service")
	if err != nil || len(units) < 3 {
		t.Fatal(units, err)
	}
	for _, u := range units {
		text, err := os.ReadFile(u)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nPrivateTmp=") {
			t.Errorf("%s: wpa_cli binds its socket in /tmp, which the daemon must see", u)
		}
	}
}

func TestActivationFileFitsTheUnit(t *testing.T) {
	file, err := os.ReadFile("fi.w1.wpa_supplicant1.service")
	if err != nil {
		t.Fatal(err)
	}
	unit, err := os.ReadFile("wpa_supplicant.service")
	if err != nil {
		t.Fatal(err)
	}
	start := func(text []byte, key string) string {
		m := regexp.MustCompile(`(?m)^` + key + `=(.*)$`).FindSubmatch(text)
		if m == nil {
			t.Fatalf("no %s in\n%s", key, text)
		}
		return string(m[1])
	}
	for _, c := range [][2]string{
		{start(file, "Exec"), start(unit, "ExecStart")},
		{start(file, "Name"), start(unit, "BusName")},
		{"dbus-" + start(file, "Name") + ".service", start(unit, "Alias")},
		{start(file, "SystemdService"), "wpa_supplicant.service"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q in one file, %q in the other", c[0], c[1])
		}
	}
}

const policy = "usr/share/dbus-1/system.d/wpa_supplicant.conf"

func TestPolicyIsWellFormed(t *testing.T) {
	f, err := os.Open(filepath.Join(installed(t), policy))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	for elements := 0; ; {
		tok, err := d.Token()
		if err == io.EOF {
			if elements < 10 {
				t.Errorf("only %d elements", elements)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := tok.(xml.StartElement); ok {
			elements++
		}
	}
}
