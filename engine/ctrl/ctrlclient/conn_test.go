package ctrlclient

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// peer is a daemon that answers from a table and can be told to send events.
type peer struct {
	*net.UnixConn
	path string
	from chan *net.UnixAddr
}

func newPeer(t *testing.T, answers map[string]string) *peer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peer")
	uc, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { uc.Close() })
	p := &peer{uc, path, make(chan *net.UnixAddr, 10)}
	go func() {
		buf := make([]byte, 1000)
		for {
			n, from, err := uc.ReadFromUnix(buf)
			if err != nil {
				return
			}
			if a, ok := answers[string(buf[:n])]; ok {
				uc.WriteToUnix([]byte("<3>before the answer"), from)
				uc.WriteToUnix([]byte(a), from)
			}
			p.from <- from
		}
	}()
	return p
}

func dial(t *testing.T, p *peer) *Conn {
	t.Helper()
	c, err := Dial(p.path, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRequestAndEvents(t *testing.T) {
	p := newPeer(t, map[string]string{"PING": "PONG\n", "ATTACH": "OK\n", "DETACH": "FAIL\n"})
	c := dial(t, p)
	if r, err := c.Request("PING", time.Second); r != "PONG\n" || err != nil {
		t.Fatalf("PING: %q, %v", r, err)
	}
	if e, err := c.Next(time.Second); err != nil || e != (Event{Level: 3, Text: "before the answer"}) {
		t.Fatalf("event: %+v, %v", e, err)
	}
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	if err := c.Detach(); err == nil {
		t.Fatal("a DETACH answered FAIL is no error")
	}
	evs, err := c.Events()
	if len(evs) != 2 || err != nil {
		t.Fatalf("events: %v, %v", evs, err)
	}
	<-p.from
	from := <-p.from
	p.WriteToUnix([]byte("IFNAME=w0 <5>late"), from)
	if e, err := c.Next(time.Second); err != nil || e != (Event{"w0", 5, "late"}) {
		t.Fatalf("event: %+v, %v", e, err)
	}
}

func TestTimeoutMakesUnusable(t *testing.T) {
	p := newPeer(t, nil)
	c := dial(t, p)
	if _, err := c.Request("PING", 10*time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Fatalf("unanswered request: %v", err)
	}
	if _, err := c.Request("PING", time.Second); !errors.Is(err, ErrClosed) {
		t.Fatalf("request after a lost one: %v", err)
	}
}

func TestDialErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Dial(filepath.Join(dir, "none"), Options{Dir: dir}); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("no such socket: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("a failed Dial left %v", left)
	}
	if _, err := Dial(filepath.Join(dir, "none"), Options{Dir: filepath.Join(dir, "no", "dir")}); err == nil {
		t.Fatal("own folder missing: no error")
	}
}

func TestCloseUnlinksAndReleases(t *testing.T) {
	p := newPeer(t, nil)
	dir := t.TempDir()
	c, err := Dial(p.path, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := c.Request("PING", time.Minute); done <- err }()
	<-p.from // the request is under way
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Fatalf("request during Close: %v", err)
	}
	if _, err := c.Next(time.Second); !errors.Is(err, ErrClosed) {
		t.Fatalf("event after Close: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("Close left %v", left)
	}
}

func TestCloseDetaches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peer")
	uc, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer uc.Close()
	c, err := Dial(path, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	seen := make(chan string, 2)
	go func() {
		for range 2 {
			n, from, err := uc.ReadFromUnix(buf)
			if err != nil {
				return
			}
			seen <- string(buf[:n])
			uc.WriteToUnix([]byte("OK\n"), from)
		}
	}()
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if a, b := <-seen, <-seen; a != "ATTACH" || b != "DETACH" {
		t.Errorf("the daemon saw %q and %q", a, b)
	}
}

func TestAbstract(t *testing.T) {
	name := "gosupplicant-test-" + filepath.Base(t.TempDir()) + t.Name()
	uc, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: remoteName("@" + name), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer uc.Close()
	c, err := Dial("@abstract:"+name, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestParseEvent(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Event
		ok   bool
	}{
		{"<3>CTRL-EVENT-SCAN-RESULTS ", Event{Level: 3, Text: "CTRL-EVENT-SCAN-RESULTS "}, true},
		{"<0>", Event{Level: 0}, true},
		{"<x", Event{Level: 3, Text: "<x"}, true},
		{"<12>a", Event{Level: 3, Text: "a"}, true},
		{"IFNAME=wlan0 <4>hot", Event{"wlan0", 4, "hot"}, true},
		{"IFNAME=wlan0 P2P-FIND", Event{"wlan0", 3, "P2P-FIND"}, true},
		{"IFNAME=wlan0", Event{}, false},
		{"OK\n", Event{}, false},
		{"", Event{}, false},
	} {
		if got, ok := ParseEvent(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("ParseEvent(%q) = %+v, %v; want %+v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, s := range []string{"<3>CTRL-EVENT-CONNECTED ", "IFNAME=wlan0 <4>x", "IFNAME= <", "<", "PONG\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, ok := ParseEvent(s)
		if ok && (e.Level < 0 || e.Level > 9 || len(e.Text) > len(s)) {
			t.Fatalf("ParseEvent(%q) = %+v", s, e)
		}
	})
}
