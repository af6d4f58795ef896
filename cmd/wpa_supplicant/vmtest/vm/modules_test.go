package vm

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulesDep = "k/virtio.ko:\nk/virtio_ring.ko: k/virtio.ko\n" +
	"k/virtio-pci.ko: k/virtio_ring.ko k/virtio.ko\nk/9p.ko: k/9pnet.ko\nk/9pnet.ko:\n"

func TestLoadOrder(t *testing.T) {
	m, err := parseModules(strings.NewReader(modulesDep))
	if err != nil {
		t.Fatal(err)
	}
	got := m.loadOrder([]string{"virtio_pci", "9p", "builtin", "virtio"})
	want := []string{"k/virtio.ko", "k/virtio_ring.ko", "k/virtio-pci.ko", "k/9pnet.ko", "k/9p.ko"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, bad := range []string{"k/virtio.ko", ": k/x.ko", "\n"} {
		if _, err := parseModules(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func FuzzModules(f *testing.F) {
	f.Add(modulesDep, "virtio_pci")
	f.Fuzz(func(t *testing.T, text, name string) {
		m, err := parseModules(strings.NewReader(text))
		if err != nil {
			return
		}
		order := m.loadOrder([]string{name, name})
		for i, mod := range order {
			if slices.Contains(order[:i], mod) {
				t.Errorf("%q is loaded twice", mod)
			}
		}
		if mod, ok := m.byName[name]; ok && !slices.Contains(order, mod) {
			t.Errorf("%q is not loaded", mod)
		}
	})
}

// TestArchive walks the archive as the kernel does.
func TestArchive(t *testing.T) {
	var b bytes.Buffer
	w := &cpioWriter{w: &b}
	w.add("proc", cpioDir, nil)
	w.add("init", cpioFile, []byte("12345"))
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	const headerLen = 6 + 13*8
	var names []string
	for rest := b.Bytes(); len(rest) > 0; {
		if string(rest[:6]) != "070701" {
			t.Fatalf("no magic at %q", rest[:6])
		}
		field := func(n int) int {
			v, err := strconv.ParseUint(string(rest[6+8*n:14+8*n]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(v)
		}
		size, nameLen := field(6), field(11)
		name := string(rest[headerLen : headerLen+nameLen-1])
		body := (headerLen + nameLen + 3) &^ 3
		names = append(names, name)
		if name == "init" && string(rest[body:body+size]) != "12345" {
			t.Errorf("content %q", rest[body:body+size])
		}
		rest = rest[body+(size+3)&^3:]
	}
	if want := []string{"proc", "init", "TRAILER!!!"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

func TestDamagedCache(t *testing.T) {
	if _, err := kernelAt(t.TempDir(), "6.1.0"); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("an empty cache gave %v", err)
	}
	if _, err := tool(context.Background(), "/", "no-such-program-at-all"); err == nil || !strings.Contains(err.Error(), "make deps") {
		t.Errorf("a missing program gave %v", err)
	}
}
