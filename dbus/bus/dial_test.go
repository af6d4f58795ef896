package bus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSocketPath(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/7")
	for in, want := range map[string]string{
		"unix:path=/run/x":                "/run/x",
		"unix:path=/run/a%20b,guid=00":    "/run/a b",
		"unix:guid=00,path=/run/x":        "/run/x",
		"unix:abstract=/tmp/x":            "@/tmp/x",
		"unix:runtime=yes":                "/run/user/7/bus",
		"unix:tmpdir=/tmp":                "",
		"unix:path=%2":                    "",
		"unix:path=%zz":                   "",
		"tcp:host=localhost,port=1":       "",
		"nonsense":                        "",
		"unixexec:path=/bin/sh,argv1=-c1": "",
	} {
		got, err := socketPath(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSystemAddress(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "")
	if got := SystemAddress(); got != "unix:path=/run/dbus/system_bus_socket" {
		t.Errorf("default is %q", got)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/x")
	if got := SystemAddress(); got != "unix:path=/x" {
		t.Errorf("from the environment: %q", got)
	}
}

// fakeBus accepts one connection and lets script speak after authentication
// and Hello; without auth the script speaks from the first byte.
func fakeBus(t *testing.T, auth bool, script func(net.Conn)) (address string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if auth {
			r := bufio.NewReader(conn)
			r.ReadString('\n')
			io.WriteString(conn, "OK 0123\r\n")
			r.ReadString('\n')
			r.Peek(fixedHeader) // Hello has come, in the one write it is
			o := outgoing{typ: typeReturn, serial: 1, replySerial: 1}
			hello, err := appendMessage(nil, &o, &payload{sig: "s", values: []any{":1.1"}})
			if err != nil {
				t.Error(err)
			}
			conn.Write(hello)
		}
		script(conn)
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return "unix:path=" + path
}

func TestAddressListFallsBack(t *testing.T) {
	address := fakeBus(t, true, func(c net.Conn) { c.Read(make([]byte, 1<<16)) })
	c, err := Dial(t.Context(), "tcp:host=a;unix:path=/nonexistent;"+address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name() != ":1.1" {
		t.Errorf("name is %q", c.Name())
	}
	c.Close()
	if _, err := Dial(t.Context(), "unix:path=/nonexistent1;unix:path=/nonexistent2", Options{}); err == nil ||
		!strings.Contains(err.Error(), "nonexistent1") || !strings.Contains(err.Error(), "nonexistent2") {
		t.Errorf("both addresses should be named: %v", err)
	}
	if _, err := Dial(t.Context(), ";", Options{}); err == nil {
		t.Error("empty list was dialed")
	}
}

func TestAuthenticationFailures(t *testing.T) {
	for name, answer := range map[string]string{
		"refused":  "REJECTED EXTERNAL ANONYMOUS\r\n",
		"chatter":  "OK 00\r\nmore",
		"endless":  strings.Repeat("x", 2000),
		"nothing":  "",
		"no lines": "OK 00",
	} {
		address := fakeBus(t, false, func(c net.Conn) {
			bufio.NewReader(c).ReadString('\n')
			io.WriteString(c, answer)
		})
		if c, err := Dial(t.Context(), address, Options{}); err == nil {
			t.Errorf("%s: connected", name)
			c.Close()
		}
	}
}

func TestDialEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := fakeBus(t, false, func(c net.Conn) {
		bufio.NewReader(c).ReadString('\n')
		cancel() // and never answer
		c.Read(make([]byte, 1))
	})
	if _, err := Dial(ctx, address, Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

// TestHostileBus lets a bus say things a bus never says.
func TestHostileBus(t *testing.T) {
	good := func(f func(*outgoing), p payload) []byte {
		o := outgoing{typ: typeCall, serial: 9, path: "/", iface: "a.b", member: "M"}
		if f != nil {
			f(&o)
		}
		b, err := appendMessage(nil, &o, &p)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	patch := func(b []byte, at int, v ...byte) []byte {
		copy(b[at:], v)
		return b
	}
	plain := good(nil, payload{})
	for _, tc := range []struct {
		name   string
		send   []byte
		events int  // calls that must reach the handler, of two good ones around
		broken bool // the stream cannot be followed: the connection must end
	}{
		{"nothing odd", plain, 3, false},
		{"byte order", patch(good(nil, payload{}), 0, 'x'), 1, true},
		{"version", patch(good(nil, payload{}), 3, 9), 1, true},
		{"body of 4 GiB", patch(good(nil, payload{}), 4, 255, 255, 255, 255), 1, true},
		{"fields of 1 GiB", patch(good(nil, payload{}), 12, 0, 0, 0, 64), 1, true},
		{"serial 0", patch(good(nil, payload{}), 8, 0), 2, false},
		{"type 0", patch(good(nil, payload{}), 1, 0), 2, false},
		{"type 77", patch(good(nil, payload{}), 1, 77), 2, false},
		{"path is no path", patch(good(nil, payload{}), 24, 'x'), 2, false},
		{"field type", patch(good(nil, payload{}), 18, 's'), 2, false},
		{"reply to nothing", good(func(o *outgoing) { o.typ, o.replySerial = typeReturn, 99 }, payload{}), 2, false},
		{"signal no one asked for", good(func(o *outgoing) { o.typ = typeSignal }, payload{}), 2, false},
		{"bad body", good(nil, payload{sig: "s", raw: []byte("\xff\xff\xff\xff"), isRaw: true}), 3, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := fakeBus(t, true, func(c net.Conn) {
				c.Read(make([]byte, 4096)) // Dial is over
				for _, b := range append(append(append([]byte(nil), plain...), tc.send...), plain...) {
					c.Write([]byte{b}) // a byte at a time
				}
				c.(*net.UnixConn).CloseWrite()
				io.Copy(io.Discard, c)
			})
			var log bytes.Buffer
			c, err := Dial(t.Context(), address, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Emit("/", "a.b", "Ready"); err != nil {
				t.Fatal(err)
			}
			c.Flush()
			events := 0
			err = c.Run(func(batch []Event) {
				for _, ev := range batch {
					_, bodyErr := ev.(*Call).Args()
					if bad := bodyErr != nil; bad != (tc.name == "bad body" && events == 1) {
						t.Errorf("call %d: %v", events, bodyErr)
					}
					events++
				}
			})
			if events != tc.events {
				t.Errorf("%d calls arrived, want %d; log: %s", events, tc.events, log.String())
			}
			if errors.Is(err, ErrMalformed) != tc.broken {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

// TestOverlongMessage skips the body as it comes and answers the sender.
func TestOverlongMessage(t *testing.T) {
	answer := make(chan []byte, 1)
	address := fakeBus(t, true, func(c net.Conn) {
		r := bufio.NewReader(c)
		r.Discard(r.Buffered())
		// The bus adds the sender; appendMessage knows none.
		o := outgoing{typ: typeCall, serial: 9, path: "/", member: "M", destination: ":1.7"}
		b, err := appendMessage(nil, &o, &payload{sig: "ay", values: []any{make([]byte, 40<<20)}})
		if err != nil {
			t.Error(err)
		}
		i := bytes.Index(b, []byte{fieldDestination, 1, 's', 0})
		b[i] = fieldSender
		c.Write(b)
		small := outgoing{typ: typeCall, serial: 10, path: "/", member: "Small"}
		if b, err = appendMessage(nil, &small, &payload{}); err != nil {
			t.Error(err)
		}
		c.Write(b)
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		buf := make([]byte, 4096)
		n := 0
		for !bytes.Contains(buf[:n], []byte(nameLimitsExceeded)) {
			k, err := c.Read(buf[n:])
			if err != nil {
				break
			}
			n += k
		}
		answer <- buf[:n]
	})
	c, err := Dial(t.Context(), address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var members []string
	c.Run(func(batch []Event) {
		for _, ev := range batch {
			members = append(members, ev.(*Call).Member)
		}
	})
	if len(members) != 1 || members[0] != "Small" {
		t.Errorf("calls that arrived: %q", members)
	}
	if got := <-answer; !bytes.Contains(got, []byte(":1.7")) || !bytes.Contains(got, []byte(nameLimitsExceeded)) {
		t.Errorf("the sender was told %q", got)
	}
	if len(c.in.buf) > readBuffer {
		t.Errorf("buffer grew to %d bytes", len(c.in.buf))
	}
}
