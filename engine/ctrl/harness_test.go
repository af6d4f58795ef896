package ctrl

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/none"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/ctrl/ctrlclient"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// daemon is the engine with this front end on a real loop.
type daemon struct {
	t    *testing.T
	dir  string // of everything; sockets in dir/ctrl, global socket dir/global
	loop *loop.Real
	sup  *engine.Supervisor
	srv  *Server
	hub  *logs.Hub
}

const replyTime = 20 * time.Second

// start runs a daemon with a global socket until the test ends.
func start(t *testing.T, o Options) *daemon {
	t.Helper()
	d := &daemon{t: t, dir: t.TempDir(), loop: loop.New(), hub: logs.New(logs.LevelInfo)}
	air, err := sim.New(d.loop, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	d.sup = engine.New(engine.Options{
		Loop: d.loop, Logs: d.hub, Rand: rand.Reader, Version: "2.10",
		Drivers:     []drivers.Driver{none.Driver{}, air},
		OnTerminate: d.loop.Stop,
	})
	if o.GlobalPath == "" {
		o.GlobalPath = filepath.Join(d.dir, "global")
	}
	if d.srv, err = New(d.sup, o); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(done); d.loop.Run() }()
	t.Cleanup(func() {
		d.loop.Post(func() {
			d.sup.Shutdown()
			d.srv.Close()
			d.loop.Stop()
		})
		<-done
	})
	return d
}

// add takes an interface into use; config is the text of its file, "" for none.
func (d *daemon) add(cfg engine.InterfaceConfig, config string) {
	d.t.Helper()
	if config != "" {
		cfg.ConfigFile = filepath.Join(d.dir, cfg.Ifname+".conf")
		config = strings.ReplaceAll(config, "$DIR", d.dir)
		if err := os.WriteFile(cfg.ConfigFile, []byte(config), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	cfg.CtrlInterface = strings.ReplaceAll(cfg.CtrlInterface, "$DIR", d.dir)
	got := make(chan error, 1)
	d.loop.Post(func() { d.sup.AddInterface(cfg, func(_ *engine.Interface, err error) { got <- err }) })
	if err := <-got; err != nil {
		d.t.Fatal(err)
	}
}

// dial connects to a socket of dir.
func dial(t *testing.T, path string) *ctrlclient.Conn {
	t.Helper()
	c, err := ctrlclient.Dial(path, ctrlclient.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (d *daemon) dial(ifname string) *ctrlclient.Conn {
	d.t.Helper()
	return dial(d.t, filepath.Join(d.dir, "ctrl", ifname))
}

func (d *daemon) global() *ctrlclient.Conn {
	d.t.Helper()
	return dial(d.t, filepath.Join(d.dir, "global"))
}

// ask makes a request.
func ask(t *testing.T, c *ctrlclient.Conn, cmd string) string {
	t.Helper()
	r, err := c.Request(cmd, replyTime)
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return r
}

// expect makes requests and compares: cmd, reply, cmd, reply, …
func expect(t *testing.T, c *ctrlclient.Conn, pairs ...string) {
	t.Helper()
	for k := 0; k < len(pairs); k += 2 {
		if got := ask(t, c, pairs[k]); got != pairs[k+1] {
			t.Errorf("%s: %q, want %q", pairs[k], got, pairs[k+1])
		}
	}
}

// wait takes events until one begins with prefix, and returns it.
func wait(t *testing.T, c *ctrlclient.Conn, prefix string) ctrlclient.Event {
	t.Helper()
	for {
		e, err := c.Next(replyTime)
		if err != nil {
			t.Fatalf("waiting for %q: %v", prefix, err)
		}
		if strings.HasPrefix(e.Text, prefix) {
			return e
		}
	}
}

// startSim runs a daemon with the interface sim0 on the default air.
func startSim(t *testing.T) *daemon {
	t.Helper()
	d := start(t, Options{})
	d.add(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim"}, "ctrl_interface=$DIR/ctrl\nupdate_config=1\n")
	return d
}
