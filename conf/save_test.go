package conf

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func readAll(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// only fails when the folder holds anything but the names.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %v, want %v", got, names)
	}
}

func TestReplaceKeepsModeAndLink(t *testing.T) {
	dir := write(t, map[string]string{"real": "old"})
	if err := os.Chmod(dir+"/real", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(dir+"/link", []byte("new")); err != nil {
		t.Fatal(err)
	}
	st, err := os.Lstat(dir + "/link")
	if err != nil || st.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", st, err)
	}
	if st, err := os.Stat(dir + "/real"); err != nil || st.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v", st.Mode(), err)
	}
	if got := readAll(t, dir+"/real"); got != "new" {
		t.Errorf("content %q", got)
	}
	only(t, dir, "link", "real")
	if err := replaceFile(dir+"/fresh", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(dir + "/fresh"); err != nil || st.Mode().Perm() != newFileMode {
		t.Errorf("a new file: %v %v", st.Mode(), err)
	}
}

func failRename(err error) func(string, string) error {
	return func(string, string) error { return &os.LinkError{Op: "rename", Err: err} }
}

func TestReplaceMountedFile(t *testing.T) {
	for _, cause := range []error{syscall.EBUSY, syscall.EXDEV} {
		dir := write(t, map[string]string{"f": "old content"})
		ops := osFile
		ops.rename = failRename(cause)
		sideSeen := ""
		ops.overwrite = func(path string, data []byte) error {
			side, _ := filepath.Glob(dir + "/f.tmp-*")
			if len(side) == 1 {
				sideSeen = readAll(t, side[0])
			}
			return overwriteFile(path, data)
		}
		if err := ops.replace(dir+"/f", []byte("new")); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, dir+"/f"); got != "new" {
			t.Errorf("content %q", got)
		}
		if sideSeen != "old content" {
			t.Errorf("while writing, the side copy held %q", sideSeen)
		}
		only(t, dir, "f")
	}
}

func TestReplaceFailureKeepsOld(t *testing.T) {
	dir := write(t, map[string]string{"f": "old content"})
	ops := osFile
	ops.rename = failRename(syscall.EBUSY)
	full := errors.New("disk full")
	ops.overwrite = func(path string, data []byte) error {
		if err := overwriteFile(path, data[:1]); err != nil {
			t.Fatal(err)
		}
		return full
	}
	if err := ops.replace(dir+"/f", []byte("new")); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if got := readAll(t, dir+"/f"); got != "old content" {
		t.Errorf("content %q", got)
	}
	only(t, dir, "f")

	ops = osFile
	ops.rename = failRename(syscall.EIO)
	if err := ops.replace(dir+"/f", []byte("new")); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
	if got := readAll(t, dir+"/f"); got != "old content" {
		t.Errorf("content %q", got)
	}
	only(t, dir, "f")
}

func TestReplaceInReadOnlyFolder(t *testing.T) {
	dir := write(t, map[string]string{"f": "old"})
	ops := osFile
	ops.createTemp = func(string, string) (*os.File, error) { return nil, &fs.PathError{Op: "open", Err: syscall.EROFS} }
	if err := ops.replace(dir+"/f", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, dir+"/f"); got != "new" {
		t.Errorf("content %q", got)
	}
	if err := ops.replace(dir+"/none", []byte("new")); !errors.Is(err, syscall.EROFS) {
		t.Errorf("a new file in a read-only folder: %v", err)
	}
}

func TestSaveWithIncludes(t *testing.T) {
	dir := write(t, map[string]string{
		"main":  "include=early\nap_scan=1\nupdate_config=1\n" + netNamed("own") + "include=late\n",
		"early": "ap_scan=2\npmf=1\n" + netNamed("early"), "late": "okc=1\n",
	})
	c, err := Load(dir+"/main", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		if err := c.Save(""); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, dir+"/main"); got != want {
			t.Errorf("saved:\n%s\nwant:\n%s", got, want)
		}
		d, err := Load(dir+"/main", LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sameLines(t, globalTable(), &c.Globals, &d.Globals)
	}
	check("include=early\nap_scan=1\nupdate_config=1\n\n" + netNamed("own") + "include=late\n")
	c.Set("pmf", "0")
	check("include=early\nap_scan=1\nupdate_config=1\npmf=0\n\n" + netNamed("own") + "include=late\n")
	check("include=early\nap_scan=1\nupdate_config=1\npmf=0\n\n" + netNamed("own") + "include=late\n")
}

func TestSaveSkips(t *testing.T) {
	c := New()
	for name, set := range map[string]func(n *Network){
		"temporary": func(n *Network) { n.Temporary = true }, "readonly": func(n *Network) { n.ReadOnly = true },
		"wps": func(n *Network) { n.KeyMgmt = KeyMgmtWPS }, "psk": func(n *Network) { n.KeyMgmt = KeyMgmtPSK },
		"sae": func(n *Network) { n.KeyMgmt = KeyMgmtSAE }, "default": func(n *Network) { n.KeyMgmt = KeyMgmtPSK | KeyMgmtEAP },
	} {
		n := c.AddNetwork()
		n.KeyMgmt = KeyMgmtNone
		n.Set("ssid", `"`+name+`"`)
		set(n)
	}
	ext := c.AddNetwork()
	ext.Set("psk", "ext:name")
	c.AddCred().Temporary = 1
	text := c.Encode()
	if n := bytes.Count(text, []byte("network={")); n != 1 || !bytes.Contains(text, []byte("psk=ext:name")) || bytes.Contains(text, []byte("cred={")) {
		t.Errorf("saved:\n%s", text)
	}
}

func TestSaveErrors(t *testing.T) {
	if err := New().Save(""); !errors.Is(err, ErrNoPath) {
		t.Errorf("no path: %v", err)
	}
	dir := t.TempDir()
	if err := New().Save(dir + "/no/such/folder"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	c := New()
	for _, n := range strings.Split("abcdefghijklmnopq", "") {
		if err := c.SetBlob(n, make([]byte, maxBlob)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Save(dir + "/big"); err == nil || !strings.Contains(err.Error(), "octets") {
		t.Errorf("a file that could not be read again: %v", err)
	}
	only(t, dir)
}

func TestIdentityRoundTrip(t *testing.T) {
	in := "identity={\n\tdik_cipher=1\n\tdik=0011\n\tpmk=" + strings.Repeat("ab", 32) + "\n\tpmkid=" + strings.Repeat("cd", 16) + "\n}\n"
	c, err := Parse("f", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Identities) != 1 || c.Identities[0].DIKCipher != 1 || c.Identities[0].PMK.Len() != 32 {
		t.Errorf("identity %+v", c.Identities)
	}
	if got := strings.TrimPrefix(string(c.Encode()), "\n"); got != in {
		t.Errorf("saved:\n%s\nwant:\n%s", got, in)
	}
	if _, err := Parse("f", []byte("identity={\n\tpmkid=00\n}\n")); err == nil {
		t.Error("a short pmkid is taken")
	}
}
