package bustest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long anything in this package waits for what should happen
// at once.
const Patience = 20 * time.Second

// Bus is a private dbus-daemon.
type Bus struct {
	t      testing.TB
	dir    string
	config string
	proc   *process
}

// Config changes what kind of bus [Start] makes. The zero value is a bus on
// which everyone may own and send everything.
type Config struct {
	// Policy is the path of a bus policy file. When it is set, the bus applies
	// the defaults of a system bus (no one owns names, method calls are
	// denied) and then the file.
	Policy string
	// Extra is XML placed inside <busconfig>, limits for example.
	Extra string
}

// Start runs a bus until the test ends. It skips the test where there is no
// dbus-daemon.
func Start(t testing.TB, conf Config) *Bus {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	// Not t.TempDir: its path may be too long for a socket.
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &Bus{t: t, dir: dir, config: filepath.Join(dir, "bus.conf")}
	if err := os.WriteFile(b.config, []byte(b.xml(conf)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.end)
	b.Launch()
	return b
}

const openPolicy = `<policy context="default">
    <allow own="*"/>
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>`

// systemPolicy denies what a system bus denies before any service file speaks.
const systemPolicy = `<policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>`

func (b *Bus) xml(conf Config) string {
	kind, policy := "session", openPolicy
	if conf.Policy != "" {
		path, err := filepath.Abs(conf.Policy)
		if err != nil {
			b.t.Fatal(err)
		}
		kind, policy = "system", systemPolicy+"\n  <include>"+path+"</include>"
	}
	return fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>%s</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  %s
  %s
</busconfig>
`, kind, b.socket(), policy, conf.Extra)
}

func (b *Bus) socket() string { return filepath.Join(b.dir, "socket") }

// Address is where the bus listens; it stays the same over [Bus.Stop] and
// [Bus.Launch].
func (b *Bus) Address() string { return "unix:path=" + b.socket() }

// Socket is the path of the socket, for clients that speak the wire.
func (b *Bus) Socket() string { return b.socket() }

// PID is the process of the running bus.
func (b *Bus) PID() int { return b.proc.cmd.Process.Pid }

// Launch starts the daemon after [Bus.Stop].
func (b *Bus) Launch() {
	b.t.Helper()
	os.Remove(b.socket())
	// What the daemon complains about is shown with a test that failed.
	log, err := os.OpenFile(filepath.Join(b.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	proc, err := launch(log, "dbus-daemon", "--config-file="+b.config, "--nofork", "--nopidfile", "--nosyslog", "--print-address")
	if err != nil {
		b.t.Fatalf("dbus-daemon: %v", err)
	}
	b.proc = proc
}

// Stop kills the daemon and waits for its end, which closes all connections.
func (b *Bus) Stop() {
	if b.proc != nil {
		b.proc.stop()
		b.proc = nil
	}
}

// Freeze stops the daemon from running, with all its connections open, until
// [Bus.Thaw].
func (b *Bus) Freeze() { b.signal(syscall.SIGSTOP) }

// Thaw undoes [Bus.Freeze].
func (b *Bus) Thaw() { b.signal(syscall.SIGCONT) }

// end stops the bus and, when the test failed, logs the end of what it said.
func (b *Bus) end() {
	b.Stop()
	if !b.t.Failed() {
		return
	}
	said, err := os.ReadFile(filepath.Join(b.dir, "log"))
	if err != nil {
		b.t.Log(err)
		return
	}
	b.t.Logf("dbus-daemon said:\n%s", said[max(0, len(said)-2000):])
}

func (b *Bus) signal(s syscall.Signal) {
	b.t.Helper()
	if err := b.proc.cmd.Process.Signal(s); err != nil {
		b.t.Fatal(err)
	}
}

// Run runs a program with this bus as its system, session and starter bus and
// returns what it wrote to both outputs. The words $BUS in its arguments are
// replaced by the address: busctl wants --address=$BUS.
func (b *Bus) Run(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "$BUS", b.Address())
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+b.Address(), "DBUS_SESSION_BUS_ADDRESS="+b.Address(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// process is a child that dies with us, however we die.
type process struct {
	cmd   *exec.Cmd
	quit  chan struct{}
	ended chan struct{}
}

// launch starts a program that prints a line when it is ready. The kernel ties
// the death signal to the thread that forked, so that thread is kept.
func launch(stderr *os.File, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), quit: make(chan struct{}), ended: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.Stderr = stderr
	ready := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		out, err := p.cmd.StdoutPipe()
		if err == nil {
			err = p.cmd.Start()
		}
		if err == nil {
			_, err = bufio.NewReader(out).ReadString('\n')
		}
		ready <- err
		if p.cmd.Process == nil {
			return
		}
		if err == nil {
			<-p.quit
		}
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}()
	if err := <-ready; err != nil {
		<-p.ended
		return nil, err
	}
	return p, nil
}

func (p *process) stop() {
	close(p.quit)
	<-p.ended
}
