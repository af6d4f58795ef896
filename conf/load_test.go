package conf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// write makes files in a fresh folder and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const openNet = "network={\n\tssid=\"%\"\n\tkey_mgmt=NONE\n}\n"

func netNamed(name string) string { return strings.Replace(openNet, "%", name, 1) }

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none"), LoadOptions{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v", err)
	}
	dir := write(t, map[string]string{"a": ""})
	_, err = Load(dir+"/a", LoadOptions{Extra: dir + "/b"})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing overlay: %v", err)
	}
}

func TestLoadReportsEveryLine(t *testing.T) {
	dir := write(t, map[string]string{"c": "ap_scan=x\n\nbogus=1\nfoo\nnetwork={\n\tssid=\"a\n\tscan_ssid=3\n\tbogus=1\n\tpsk=\"short\"\n}\nsub\ninclude=d\n",
		"d": "pmf=q\n"})
	_, err := Load(dir+"/c", LoadOptions{})
	var load *LoadError
	if !errors.As(err, &load) {
		t.Fatalf("error %v", err)
	}
	want := []struct {
		file string
		line int
		text string
	}{{"c", 1, "ap_scan"}, {"c", 3, "unknown global field 'bogus'"}, {"c", 4, "foo"}, {"c", 6, "ssid: invalid quotation"},
		{"c", 7, "scan_ssid"}, {"c", 8, "unknown network field 'bogus'"}, {"c", 9, "passphrase of 5 characters"}, {"c", 11, "sub"}, {"d", 1, "pmf"}}
	if len(load.Lines) != len(want) {
		t.Fatalf("%d lines, want %d: %v", len(load.Lines), len(want), err)
	}
	for i, w := range want {
		l := load.Lines[i]
		if filepath.Base(l.File) != w.file || l.Line != w.line || !strings.Contains(l.Reason, w.text) {
			t.Errorf("line %d: %v, want %s:%d %s", i, l, w.file, w.line, w.text)
		}
		if !strings.Contains(err.Error(), l.Error()) {
			t.Errorf("the whole error lacks %v", l)
		}
	}
}

func TestLoadBounds(t *testing.T) {
	_, err := Parse("f", []byte(strings.Repeat("bogus=1\n", 500)))
	var load *LoadError
	if !errors.As(err, &load) || len(load.Lines) != maxErrors || load.More != 400 || !strings.Contains(err.Error(), "400 more") {
		t.Errorf("500 bad lines: %d and %d more", len(load.Lines), load.More)
	}
	if _, err := Parse("f", make([]byte, maxFile+1)); err == nil {
		t.Error("a file without bound is taken")
	}
	if _, err := Parse("f", []byte(strings.Repeat("network={\n}\n", MaxBlocks+1))); err == nil || !strings.Contains(err.Error(), "4096") {
		t.Errorf("more blocks than there may be: %v", err)
	}
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	f, err := os.Create(big)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(maxFile+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big, LoadOptions{}); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("a large file: %v", err)
	}
}

func TestInclude(t *testing.T) {
	dir := write(t, map[string]string{
		"main":      "ap_scan=2\ninclude=sub/one\n" + netNamed("own"),
		"sub/one":   "pmf=1\ninclude=two\n" + netNamed("one"),
		"sub/two":   "okc=1\n" + netNamed("two"),
		"loop":      "include=loop\n",
		"gone":      "include=nowhere\n",
		"scattered": strings.Repeat("include=sub/two\n", maxFiles+1),
	})
	c, err := Load(dir+"/main", LoadOptions{FirstNetworkID: 7})
	if err != nil {
		t.Fatal(err)
	}
	if c.APScan != 2 || c.PMF != 1 || c.OKC != 1 {
		t.Errorf("ap_scan %d pmf %d okc %d", c.APScan, c.PMF, c.OKC)
	}
	var got []string
	for _, n := range c.Networks {
		got = append(got, n.SSID.String())
	}
	if s := strings.Join(got, " "); s != "two one own" || c.Networks[0].ID != 7 || c.Networks[2].ID != 9 || !c.Networks[0].ReadOnly || c.Networks[2].ReadOnly {
		t.Errorf("networks %s", s)
	}
	for file, want := range map[string]string{"loop": "files deep", "gone": "nowhere", "scattered": "more than 64 files"} {
		if _, err := Load(dir+"/"+file, LoadOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestOverlay(t *testing.T) {
	dir := write(t, map[string]string{
		"main": "ctrl_interface=/run/a\nap_scan=2\nupdate_config=1\n" + netNamed("own"),
		"over": "no_ctrl_interface=\nap_scan=0\n" + netNamed("over") + "blob-base64-o={\nQUJD\n}\ncred={\n\trealm=\"r\"\n}\n",
	})
	c, err := Load(dir+"/main", LoadOptions{Extra: dir + "/over"})
	if err != nil {
		t.Fatal(err)
	}
	if c.CtrlInterface.IsSet() || c.APScan != 0 || len(c.Networks) != 2 || len(c.Blobs) != 1 || len(c.Creds) != 1 {
		t.Errorf("overlay: %q %d %d", c.CtrlInterface, c.APScan, len(c.Networks))
	}
	if err := c.Save(""); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(dir + "/main")
	if err != nil {
		t.Fatal(err)
	}
	if want := "ctrl_interface=/run/a\nap_scan=2\nupdate_config=1\n\n" + netNamed("own"); string(data) != want {
		t.Errorf("saved:\n%s\nwant:\n%s", data, want)
	}
}

func TestCleanLine(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "   ": "", "# x": "", " \t# x": "", "a=1 # x": "a=1", "a=\"#\"": "a=\"#\"", "a=\"#\" # \"x": "a=\"#\" # \"x",
		"a=\"b # c": "a=\"b", "a=1\r": "a=1", "\ta=1 \t": "a=1", "a=\"x\"#y\"z\"": "a=\"x\"#y\"z\"", "a=\"b\" #c": "a=\"b\"",
	} {
		if got, ok := cleanLine(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, got, ok, want)
		}
	}
}

func TestTabInsideRawValue(t *testing.T) {
	c, err := Parse("f", []byte("wowlan_triggers=any\tdisconnect\t\n"))
	if err != nil || c.WoWLANTriggers.String() != "any\tdisconnect" {
		t.Fatalf("%v", err)
	}
	sameLines(t, globalTable(), &c.Globals, &reload(t, c).Globals)
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`a\\\"b`: `a\"b`, `\n\r\t\e`: "\n\r\t\x1b", `\x41\x4`: "A\x04", `\101\0\1a`: "A\x00\x01a", `\q`: "q", `\`: "", `\x`: "", `\xg`: "g", `\777`: "\xff",
	} {
		if got := string(unescape(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if got := unescape(escape(all)); string(got) != string(all) {
		t.Errorf("escape and back: %q", got)
	}
}

func TestLoadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, LoadOptions{})
	if err != nil || len(c.Networks) != 0 {
		t.Errorf("a pipe without a writer: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString(netNamed("piped")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c, err = Load(fmt.Sprintf("/proc/self/fd/%d", r.Fd()), LoadOptions{})
	if err != nil || len(c.Networks) != 1 {
		t.Errorf("a pipe: %v", err)
	}
}
