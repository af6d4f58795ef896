package bus_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
)

const serviceName = "fi.w1.wpa_supplicant1"

// service answers on a bus the way package dbus does: a batch at a time, in
// order, one flush.
type service struct {
	*bus.Conn
	done chan error
}

// serve connects with the given options and answers each call with handle.
func serve(t testing.TB, b *bustest.Bus, opt bus.Options, handle func(*bus.Conn, bus.Event)) service {
	t.Helper()
	conn, err := bus.Dial(context.Background(), b.Address(), opt)
	if err != nil {
		t.Fatal(err)
	}
	s := service{conn, make(chan error, 1)}
	go func() {
		s.done <- conn.Run(func(batch []bus.Event) {
			for _, ev := range batch {
				handle(conn, ev)
			}
			conn.Flush()
		})
	}()
	t.Cleanup(func() {
		conn.Close()
		s.wait(t)
	})
	return s
}

// wait returns why the connection ended; it may be called again.
func (s service) wait(t testing.TB) error {
	t.Helper()
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-time.After(bustest.Patience):
		t.Fatal("Run did not return")
		return nil
	}
}

// echo answers a call with its own arguments.
func echo(c *bus.Conn, ev bus.Event) {
	call, ok := ev.(*bus.Call)
	if !ok {
		return
	}
	args, err := call.Args()
	if err != nil {
		c.Error(call, "org.freedesktop.DBus.Error.InvalidArgs", err.Error())
		return
	}
	if err := c.Reply(call, args...); err != nil {
		c.Error(call, "org.freedesktop.DBus.Error.Failed", err.Error())
	}
}

func method(member string) bus.Target {
	return bus.Target{Dest: serviceName, Path: "/fi/w1/wpa_supplicant1", Interface: serviceName, Member: member}
}

func TestOrderOf20000Calls(t *testing.T) {
	const n = 20000
	b := bustest.Start(t, bustest.Config{})
	next, batches := uint32(0), 0
	conn, err := bus.Dial(t.Context(), b.Address(), bus.Options{Name: serviceName})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn.Run(func(batch []bus.Event) {
			batches++
			for _, ev := range batch {
				call := ev.(*bus.Call)
				args, err := call.Args()
				if err != nil || args[0] != next {
					t.Errorf("call %d has the arguments %v, %v", next, args, err)
				}
				next++
				conn.Reply(call, args...)
			}
			conn.Flush()
		})
	}()
	client := b.Connect()
	serials := make([]uint32, 0, n)
	// The bus lets a connection have few open calls, and so do we.
	for i := uint32(0); i < n; {
		for range 100 {
			serials = append(serials, client.Send(method("Count"), i))
			i++
		}
		client.Await(serials[len(serials)-1])
	}
	got := client.Take()
	if len(got) != n {
		t.Fatalf("%d answers", len(got))
	}
	for i, a := range got {
		args, err := a.Answer.Args()
		if err != nil || a.Call != serials[i] || args[0] != uint32(i) {
			t.Fatalf("answer %d is for call %d: %v, %v", i, a.Call, args, err)
		}
	}
	conn.Close()
	<-done
	if batches > n/2 {
		t.Errorf("%d calls came in %d batches", n, batches)
	}
	t.Logf("%d calls in %d batches", n, batches)
}

// TestForeignClient has godbus, a client that is not ours, pipeline its calls.
func TestForeignClient(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	serve(t, b, bus.Options{Name: serviceName}, echo)
	conn, err := dbus.Connect(b.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	obj := conn.Object(serviceName, "/x")
	in := map[string]dbus.Variant{"ssid": dbus.MakeVariant([]byte("\xff\x00")), "n": dbus.MakeVariant([]uint16{1, 2})}
	var out map[string]dbus.Variant
	if err := obj.Call(serviceName+".Echo", 0, in).Store(&out); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(in) != fmt.Sprint(out) {
		t.Fatalf("got %v, want %v", out, in)
	}
	var calls []*dbus.Call
	for i := range 100 { // the bus lets a connection have 128 open calls
		calls = append(calls, obj.Go(serviceName+".Echo", 0, make(chan *dbus.Call, 1), int32(i)))
	}
	for i, c := range calls {
		r := <-c.Done
		if r.Err != nil || r.Body[0] != int32(i) {
			t.Fatalf("call %d: %v, %v", i, r.Body, r.Err)
		}
	}
}

func TestStockTools(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	serve(t, b, bus.Options{Name: serviceName}, echo)
	for _, tc := range []struct {
		tool, want string
		args       []string
	}{
		{"busctl", `a{sv} 1 "k" u 7`, []string{"--address=$BUS", "call", serviceName, "/x", serviceName, "Echo", "a{sv}", "1", "k", "u", "7"}},
		{"gdbus", `('x', [byte 0x01, 0x02])`, []string{"call", "--address=$BUS", "--dest=" + serviceName, "--object-path=/x", "--method=" + serviceName + ".Echo", "'x'", "[byte 1, 2]"}},
		{"dbus-send", "string \"hello\"", []string{"--bus=$BUS", "--print-reply", "--dest=" + serviceName, "/x", serviceName + ".Echo", "string:hello"}},
	} {
		out, err := b.Run(tc.tool, tc.args...)
		if errors.Is(err, os.ErrNotExist) || err != nil && strings.Contains(err.Error(), "executable file not found") {
			t.Logf("%s is not installed", tc.tool)
			continue
		}
		if err != nil || !strings.Contains(out, tc.want) {
			t.Errorf("%s printed %q, %v; want %q", tc.tool, out, err, tc.want)
		}
	}
}

func TestErrorsSignalsAndNoReply(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	silent := make(chan struct{}, 1)
	s := serve(t, b, bus.Options{Name: serviceName}, func(c *bus.Conn, ev bus.Event) {
		call := ev.(*bus.Call)
		switch call.Member {
		case "Fail":
			c.Error(call, serviceName+".UnknownError", "bad \xff\x00 bytes", "second")
		case "Bad":
			if err := c.Reply(call, "\xff"); err == nil {
				t.Error("Reply took a string that is not UTF-8")
			}
			if call.Answered() {
				t.Error("call counts as answered by a reply that could not be sent")
			}
			c.Emit("/x", serviceName, "Before", uint32(1))
			c.Reply(call, "good")
			c.EmitTo(call.Sender, "/x", serviceName, "After", "unicast")
			if err := c.Reply(call); !errors.Is(err, bus.ErrAnswered) {
				t.Errorf("second reply: %v", err)
			}
		case "Silent":
			c.Flush()
			if err := c.Reply(call, "unheard"); err != nil || !call.NoReply || !call.Answered() || c.Queued() != 0 {
				t.Errorf("reply to a call that wants none: %v, %d bytes queued", err, c.Queued())
			}
			silent <- struct{}{}
		case "Raw":
			sig, body, err := bus.EncodeBody(bus.MakeVariant("cached"))
			if err != nil {
				t.Error(err)
			}
			c.EmitRaw("/x", serviceName, "RawSignal", sig, body)
			c.ReplyRaw(call, sig, body)
		}
	})
	client := b.Connect()
	client.Listen("type='signal',sender='" + serviceName + "'")
	client.Take()
	tr := client.Transcript(serviceName)
	for _, m := range []string{"Fail", "Bad", "Raw"} {
		tr.Call("/x", serviceName, m)
	}
	bustest.Golden(t, "replies.txt", tr.String())
	if _, err := client.Conn().Call(method("Silent"), nil); err != nil {
		t.Fatal(err)
	}
	client.Flush()
	await(t, silent, struct{}{})

	for _, bad := range []error{
		s.Emit("x", serviceName, "A"), s.Emit("/", "noiface", "A"), s.Emit("/", serviceName, "1"),
		s.EmitTo("not a name", "/", serviceName, "A"), s.Emit("/", serviceName, "A", 5),
	} {
		if bad == nil {
			t.Error("a signal that the bus would disconnect us for was queued")
		}
	}
	client.Sync()
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
}

func TestNameTaken(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	first, err := bus.Dial(t.Context(), b.Address(), bus.Options{Name: serviceName})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := bus.Dial(t.Context(), b.Address(), bus.Options{Name: serviceName}); !errors.Is(err, bus.ErrNameTaken) {
		t.Fatalf("second owner: %v", err)
	}
	var remote *bus.RemoteError
	if _, err := bus.Dial(t.Context(), b.Address(), bus.Options{Name: "org.freedesktop.DBus"}); !errors.As(err, &remote) {
		t.Fatalf("the name of the bus: %v", err)
	}
}

func TestPolicyDeniesName(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "p.conf")
	if err := os.WriteFile(policy, []byte(`<busconfig><policy context="default"><deny own="a.b"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := bustest.Start(t, bustest.Config{Policy: policy})
	var remote *bus.RemoteError
	if _, err := bus.Dial(t.Context(), b.Address(), bus.Options{Name: "a.b"}); !errors.As(err, &remote) || !strings.Contains(remote.Name, "AccessDenied") {
		t.Fatalf("got %v", err)
	}
}

func TestNameLost(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	lost := make(chan string, 1)
	s := serve(t, b, bus.Options{Name: serviceName}, func(c *bus.Conn, ev bus.Event) {
		if l, ok := ev.(*bus.NameLost); ok {
			lost <- l.Name
		}
	})
	// Giving the name up is the one way to lose it with flags 0.
	if _, err := s.Call(bus.Target{Dest: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus", Interface: "org.freedesktop.DBus", Member: "ReleaseName"}, nil, serviceName); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	await(t, lost, serviceName)
}

func await[T comparable](t *testing.T, ch <-chan T, want T) {
	t.Helper()
	select {
	case got := <-ch:
		if got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	case <-time.After(bustest.Patience):
		t.Fatalf("%v did not come", want)
	}
}

func TestVanishedClient(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	gone := make(chan string, 10)
	s := serve(t, b, bus.Options{Name: serviceName}, func(c *bus.Conn, ev bus.Event) {
		switch ev := ev.(type) {
		case *bus.Call:
			c.Watch(ev.Sender)
			c.Watch(ev.Sender)
			c.Reply(ev)
		case *bus.Gone:
			gone <- ev.Name
		}
	})
	client := b.Connect()
	name := client.Name()
	if _, err := client.Call(method("Subscribe")); err != nil {
		t.Fatal(err)
	}
	client.Close()
	await(t, gone, name)
	// A peer that left before we asked.
	s.Watch(name)
	s.Flush()
	await(t, gone, name)
	// A watch taken back is silent: the next event is for the other peer.
	third, fourth := b.Connect(), b.Connect()
	s.Watch(third.Name())
	s.Watch(fourth.Name())
	s.Unwatch(third.Name())
	s.Flush()
	third.Close()
	fourth.Close()
	await(t, gone, fourth.Name())
}

func TestCredentials(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	uid := make(chan uint32, 2)
	serve(t, b, bus.Options{Name: serviceName}, func(c *bus.Conn, ev bus.Event) {
		switch ev := ev.(type) {
		case *bus.Call:
			err := c.Credentials(ev.Sender, func(cred bus.Credentials, err error) {
				if err != nil || !cred.HasUID || cred.PID != uint32(os.Getpid()) {
					t.Errorf("credentials: %+v, %v", cred, err)
				}
				uid <- cred.UID
				c.Reply(ev)
			})
			if err != nil {
				t.Error(err)
			}
		case *bus.Answer:
			ev.Deliver()
		}
	})
	if _, err := b.Connect().Call(method("Who")); err != nil {
		t.Fatal(err)
	}
	await(t, uid, uint32(os.Getuid()))
}

// TestClientThatNeverReads floods a peer that reads nothing; others are served
// as if it were not there.
func TestClientThatNeverReads(t *testing.T) {
	b := bustest.Start(t, bustest.Config{Extra: `<limit name="max_outgoing_bytes">1000000</limit>`})
	s := serve(t, b, bus.Options{Name: serviceName}, echo)
	raw := dialRaw(t, b)
	raw.call(t, "org.freedesktop.DBus", "org.freedesktop.DBus", "AddMatch", "type='signal'")
	client := b.Connect()
	client.Sync()
	blob := make([]byte, 10000)
	for range 2000 {
		if err := s.Emit("/x", serviceName, "Flood", blob); err != nil {
			t.Fatal(err)
		}
		if s.Queued() > 8<<20 {
			s.Flush()
			client.Call(method("Echo"))
		}
	}
	s.Flush()
	start := time.Now()
	if args, err := client.Call(method("Echo"), "still here"); err != nil || args[0] != "still here" {
		t.Fatal(args, err)
	}
	t.Logf("answered after %v", time.Since(start))
}

// TestBusThatDoesNotRead stops the bus itself: memory stays bounded, no caller
// waits, and the connection is given up.
func TestBusThatDoesNotRead(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	var log lockedBuffer
	s := serve(t, b, bus.Options{Name: serviceName, MaxQueue: 1 << 20, Log: slog.New(slog.NewTextHandler(&log, nil))}, echo)
	b.Freeze()
	defer b.Thaw()
	blob := make([]byte, 10000)
	var err error
	sent := 0
	for ; err == nil && sent < 10<<20; sent += len(blob) {
		err = s.Emit("/x", serviceName, "Flood", blob)
		if s.Queued() > 1<<20+2*len(blob) {
			t.Fatalf("%d bytes are queued", s.Queued())
		}
	}
	if !errors.Is(err, bus.ErrQueueFull) {
		t.Fatalf("after %d bytes: %v", sent, err)
	}
	if err := s.wait(t); !errors.Is(err, bus.ErrQueueFull) {
		t.Fatalf("Run returned %v", err)
	}
	if !strings.Contains(log.String(), "does not read") {
		t.Fatalf("log says %q", log.String())
	}
}

// TestBusThatPauses stops the bus for a while: everything queued arrives, in
// order.
func TestBusThatPauses(t *testing.T) {
	const n = 3000
	b := bustest.Start(t, bustest.Config{})
	s := serve(t, b, bus.Options{Name: serviceName}, echo)
	client := b.Connect()
	client.Listen("type='signal',sender='" + serviceName + "'")
	client.Take()
	b.Freeze()
	blob := make([]byte, 1000)
	for i := range uint32(n) {
		if err := s.Emit("/x", serviceName, "Tick", i, blob); err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			s.Flush()
		}
	}
	s.Flush()
	if s.Queued() == 0 {
		t.Fatal("the frozen bus took everything: the test shows nothing")
	}
	b.Thaw()
	client.Until("all signals", func(seen []bustest.Arrival) bool { return len(seen) == n })
	for i, a := range client.Take() {
		if args, err := a.Signal.Args(); err != nil || args[0] != uint32(i) {
			t.Fatalf("signal %d is %v, %v", i, args[:1], err)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// owner is an Owner that reports what it is told.
type owner struct {
	up   chan *bus.Conn
	down chan error
}

func (o owner) Up(c *bus.Conn) { o.up <- c }
func (o owner) Down(err error) { o.down <- err }
func (o owner) Batch(c *bus.Conn, batch []bus.Event) {
	for _, ev := range batch {
		echo(c, ev)
	}
	c.Flush()
}

func TestBusRestart(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	b.Stop() // missing at start
	before := runtime.NumGoroutine()
	var log lockedBuffer
	o := owner{make(chan *bus.Conn, 1), make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		bus.Supervise(ctx, bus.Supervisor{
			Address: b.Address(), Least: time.Millisecond, Most: 20 * time.Millisecond,
			Options: bus.Options{Name: serviceName, Log: slog.New(slog.NewTextHandler(&log, nil))},
		}, o)
	}()
	for round := range 5 {
		b.Launch()
		var conn *bus.Conn
		select {
		case conn = <-o.up:
		case <-time.After(bustest.Patience):
			t.Fatalf("round %d: not connected; log:\n%s", round, log.String())
		}
		client := b.Connect()
		if args, err := client.Call(method("Echo"), int32(round)); err != nil || args[0] != int32(round) {
			t.Fatal(args, err)
		}
		b.Stop()
		select {
		case err := <-o.down:
			if err == nil {
				t.Fatal("down without a reason")
			}
		case <-time.After(bustest.Patience):
			t.Fatal("loss of the bus was not noticed")
		}
		if err := conn.Emit("/", serviceName, "X"); err == nil {
			t.Fatal("a connection that is gone takes signals")
		}
		client.Close()
	}
	cancel()
	<-ended
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); { // goroutines need a moment of the scheduler to end
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	buf := make([]byte, 1<<16)
	t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}

// TestSuperviseWaitsForTheName starts while someone else owns the name.
func TestSuperviseWaitsForTheName(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	rival := b.ConnectAs(serviceName)
	refused := make(chan struct{}, 1)
	o := owner{make(chan *bus.Conn, 1), make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		bus.Supervise(ctx, bus.Supervisor{
			Address: b.Address(), Least: time.Millisecond, Most: 20 * time.Millisecond,
			Options: bus.Options{Name: serviceName, Log: slog.New(slog.NewTextHandler(signalWriter{bus.ErrNameTaken.Error(), refused}, nil))},
		}, o)
	}()
	await(t, refused, struct{}{})
	rival.Close()
	select {
	case <-o.up:
	case <-time.After(bustest.Patience):
		t.Fatal("the name was free and not taken")
	}
	cancel()
	<-ended
	await(t, o.down, bus.ErrClosed)
}

// signalWriter tells when a text was written, once.
type signalWriter struct {
	text string
	seen chan struct{}
}

func (w signalWriter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.text)) {
		select {
		case w.seen <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

func TestOpenCallsFail(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	answers := make(chan error, 1)
	s := serve(t, b, bus.Options{}, func(c *bus.Conn, ev bus.Event) {
		if a, ok := ev.(*bus.Answer); ok {
			a.Deliver()
		}
	})
	client := b.Connect()
	s.Call(bus.Target{Dest: client.Name(), Path: "/", Interface: "a.b", Member: "Never"}, func(a *bus.Answer) { answers <- a.Err })
	s.Flush()
	client.Until("our call", func([]bustest.Arrival) bool { return len(client.Requests()) == 1 })
	s.Close()
	await(t, answers, bus.ErrClosed)
}

// rawPeer speaks the wire by hand.
type rawPeer struct {
	net.Conn
	serial uint32
}

func dialRaw(t *testing.T, b *bustest.Bus) *rawPeer {
	t.Helper()
	conn, err := net.Dial("unix", b.Socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "\x00AUTH EXTERNAL %s\r\n", hex.EncodeToString([]byte(strconv.Itoa(os.Getuid()))))
	buf := make([]byte, 100)
	if n, err := conn.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), "OK") {
		t.Fatalf("authentication: %q, %v", buf[:n], err)
	}
	io.WriteString(conn, "BEGIN\r\n")
	p := &rawPeer{Conn: conn}
	p.call(t, "org.freedesktop.DBus", "org.freedesktop.DBus", "Hello")
	return p
}

// encode makes a call with godbus, and gives it a serial number.
func (p *rawPeer) encode(t *testing.T, order binary.ByteOrder, dest, iface, member string, args ...any) []byte {
	t.Helper()
	msg := dbus.Message{Type: dbus.TypeMethodCall, Body: args, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath("/org/freedesktop/DBus")),
		dbus.FieldInterface:   dbus.MakeVariant(iface),
		dbus.FieldMember:      dbus.MakeVariant(member),
		dbus.FieldDestination: dbus.MakeVariant(dest),
	}}
	if len(args) > 0 {
		msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(args...))
	}
	var buf bytes.Buffer
	if err := msg.EncodeTo(&buf, order); err != nil {
		t.Fatal(err)
	}
	p.serial++
	order.PutUint32(buf.Bytes()[8:], p.serial)
	return buf.Bytes()
}

func (p *rawPeer) call(t *testing.T, dest, iface, member string, args ...any) {
	t.Helper()
	if _, err := p.Write(p.encode(t, binary.LittleEndian, dest, iface, member, args...)); err != nil {
		t.Fatal(err)
	}
}

// TestHostileClientOnTheBus sends what a real bus lets through, and what makes
// it close the sender; the service lives and answers others.
func TestHostileClientOnTheBus(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	s := serve(t, b, bus.Options{Name: serviceName}, echo)
	rnd := uint32(1)
	for range 200 {
		p := dialRaw(t, b)
		msg := p.encode(t, binary.LittleEndian, serviceName, serviceName, "Echo", "text", []string{"a", "b"}, map[string]dbus.Variant{"k": dbus.MakeVariant(uint32(1))})
		for range 1 + rnd%4 {
			rnd = rnd*1664525 + 1013904223
			msg[rnd>>8%uint32(len(msg))] ^= byte(rnd)
		}
		p.Write(msg)
		p.Close()
	}
	client := b.Connect()
	if args, err := client.Call(method("Echo"), "alive"); err != nil || args[0] != "alive" {
		t.Fatal(args, err)
	}
	// Big-endian calls are answered.
	p := dialRaw(t, b)
	p.Write(p.encode(t, binary.BigEndian, serviceName, serviceName, "Echo", "big", uint16(0x0102)))
	p.SetReadDeadline(time.Now().Add(bustest.Patience))
	for {
		msg, err := dbus.DecodeMessage(p)
		if err != nil {
			t.Fatal(err)
		}
		if msg.Type == dbus.TypeMethodReply && len(msg.Body) == 2 {
			if msg.Body[0] != "big" || msg.Body[1] != uint16(0x0102) {
				t.Fatalf("answer: %v", msg)
			}
			break
		}
	}
	// A body over the limit is refused by name; the connection stands.
	_, err := client.Call(method("Echo"), make([]byte, 3<<20))
	var remote *bus.RemoteError
	if !errors.As(err, &remote) || remote.Name != "org.freedesktop.DBus.Error.LimitsExceeded" {
		t.Fatalf("3 MiB: %v", err)
	}
	if args, err := client.Call(method("Echo"), make([]byte, 900<<10)); err != nil || len(args[0].([]byte)) != 900<<10 {
		t.Fatalf("900 KiB: %v", err)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
}
