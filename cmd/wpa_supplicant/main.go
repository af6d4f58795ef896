// How many processors there are is decided in package single: the runtime need not
// look for limits in control groups, when it starts and every second.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	_ "gosupplicant/cmd/wpa_supplicant/monitor" // which takes its time
	_ "gosupplicant/cmd/wpa_supplicant/pages"   // the memory of the start in one call
	_ "gosupplicant/cmd/wpa_supplicant/single"  // one processor
	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/drivers/nl80211"
	"gosupplicant/drivers/none"
	"gosupplicant/drivers/sim"
	"gosupplicant/drivers/wext"
	"gosupplicant/drivers/wired"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"

	"golang.org/x/sys/unix"
)

const exitFailure = 255

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	l := loop.New()
	ds, err := allDrivers(l)
	if err != nil {
		fmt.Fprintf(os.Stderr, "wpa_supplicant: %v\n", err)
		return exitFailure
	}
	o, err := parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "wpa_supplicant: %v\n", err)
		printUsage(os.Stdout, ds)
		return 0 // as the original does
	}
	switch o.action {
	case actionUsage:
		printUsage(os.Stdout, ds)
		if o.incomplete {
			return exitFailure
		}
		return 0
	case actionVersion:
		fmt.Print(copyright)
		return 0
	case actionLicense:
		fmt.Print(license)
		return 0
	case actionCheckConfig:
		return checkConfig(o.ifaces[0])
	}
	if o.background && os.Getenv(readyVariable) == "" {
		return startBackground()
	}
	return newDaemon(o, l, ds).run()
}

// allDrivers lists the drivers, the default first.
func allDrivers(l loop.Loop) ([]drivers.Driver, error) {
	air, err := sim.New(l, rand.Reader)
	if err != nil {
		return nil, err
	}
	return []drivers.Driver{
		nl80211.New(),
		&wext.Driver{},
		wired.Driver{},
		&none.Driver{},
		air,
	}, nil
}

// checkConfig reads a configuration file and says what is wrong with it.
func checkConfig(c engine.InterfaceConfig) int {
	cfg, err := conf.Load(c.ConfigFile, conf.LoadOptions{Extra: c.ExtraConfigFile})
	if err != nil {
		if le := (*conf.LoadError)(nil); !errors.As(err, &le) {
			fmt.Printf("Failed to read or parse configuration '%s'.\n", c.ConfigFile)
		}
		fmt.Println(err)
		return exitFailure
	}
	for _, w := range cfg.Warnings {
		fmt.Println(w)
	}
	return 0
}

// daemon is the process while it runs.
type daemon struct {
	o        *options
	loop     *loop.Real
	hub      *logs.Hub
	log      *slog.Logger
	sup      *engine.Supervisor
	front    *fronts
	exit     int
	stopping bool
	undo     []func()
}

func newDaemon(o *options, l *loop.Real, ds []drivers.Driver) *daemon {
	d := &daemon{o: o, loop: l}
	d.hub = logs.New(logs.FromNumber(3 - o.louder + o.quieter))
	d.hub.SetTimestamp(o.timestamp)
	d.hub.SetShowKeys(o.keys)
	d.log = d.hub.Logger()
	d.sup = engine.New(engine.Options{
		Loop: l, Logs: d.hub, Rand: rand.Reader, Drivers: ds, Version: version, StateDir: stateDir(),
		OverrideDriver: o.overrideDriver, OverrideCtrl: o.overrideCtrl,
		OnTerminate: func() { l.Soon(d.stop) },
	})
	return d
}

// defaultStateDir is used where it exists; a service manager names another.
const defaultStateDir = "/var/lib/wpa_supplicant"

// stateDir is where what is worth keeping over a restart goes, or empty.
func stateDir() string {
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	if st, err := os.Stat(defaultStateDir); err == nil && st.IsDir() {
		return defaultStateDir
	}
	return ""
}

// openLog decides where lines go: a file, syslog, the journal, or standard output.
func (d *daemon) openLog() {
	switch {
	case d.o.logFile != "":
		s, err := logs.OpenFile(d.o.logFile)
		if err != nil { // as the original does
			fmt.Fprintf(os.Stderr, "wpa_supplicant: cannot open the log file, using standard output: %v\n", err)
			s = logs.NewWriter(os.Stdout)
		}
		d.hub.AddSink(s)
	case d.o.syslog:
		if s, ok := logs.Journal("wpa_supplicant", os.Stdout); ok {
			d.hub.AddSink(s) // what syslog would get, with fields
			return
		}
		s, err := logs.OpenSyslog("wpa_supplicant")
		if err != nil { // the original loses its lines then
			fmt.Fprintf(os.Stderr, "wpa_supplicant: no syslog, using standard output: %v\n", err)
			s = logs.NewWriter(os.Stdout)
		}
		d.hub.AddSink(s)
	default:
		if s, ok := logs.Journal("wpa_supplicant", os.Stdout); ok {
			d.hub.AddSink(s)
		} else {
			d.hub.AddSink(logs.NewWriter(os.Stdout))
		}
	}
}

// Percentages for the collector. Between start and connection it shall not run at
// all; afterwards the heap is small and mostly idle, and memory matters more than
// the collector's time.
const (
	gcAtStart = 100
	gcSettled = 50
	settle    = 10 * time.Second
)

// sizeMemory lets the heap grow at first and gives back later what was needed then.
func sizeMemory() *time.Timer {
	debug.SetGCPercent(gcAtStart)
	return time.AfterFunc(settle, func() {
		debug.SetGCPercent(gcSettled)
		debug.FreeOSMemory()
	})
}

func (d *daemon) run() int {
	defer sizeMemory().Stop()
	d.openLog()
	d.log.Debug("wpa_supplicant " + version + " (" + release + ")")
	ctx := d.watchSignals()
	var err error
	if d.front, err = d.openFronts(ctx); err != nil {
		d.log.Error("Failed to initialize wpa_supplicant", "err", err)
		return exitFailure
	}
	d.loop.Post(d.start)
	d.loop.Run()
	d.waitForDevices()
	for _, f := range d.undo {
		f()
	}
	d.hub.Close()
	return d.exit
}

// start adds the interfaces of the command line one after the other, as their
// errors end the process.
func (d *daemon) start() {
	d.front.begin()
	d.log.Info("Successfully initialized wpa_supplicant")
	d.addNext(d.o.ifaces)
}

func (d *daemon) addNext(rest []engine.InterfaceConfig) {
	if len(rest) == 0 {
		d.ready()
		return
	}
	d.sup.AddInterface(rest[0], func(_ *engine.Interface, err error) {
		if err != nil { // the engine has said why
			d.fail()
			return
		}
		d.addNext(rest[1:])
	})
}

// ready has every interface of the command line at work.
func (d *daemon) ready() {
	if len(d.o.matches) > 0 {
		if err := d.sup.MatchInterfaces(d.o.matches); err != nil {
			d.log.Error("Failed to watch for interfaces", "err", err)
			d.fail()
			return
		}
	}
	if d.o.background {
		undo, err := detach(d.o.pidFile)
		d.undo = append(d.undo, undo)
		if err != nil {
			d.log.Error("Failed to go to the background", "err", err)
			d.fail()
		}
	}
}

func (d *daemon) fail() {
	d.exit = exitFailure
	d.stop()
}

// stop ends the process in order: devices, front ends, loop.
func (d *daemon) stop() {
	if d.stopping {
		return
	}
	d.stopping = true
	d.sup.Shutdown()
	d.front.close()
	d.loop.Stop()
}

// leaveWithin bounds the time that giving devices back may take at exit.
const leaveWithin = 900 * time.Millisecond

func (d *daemon) waitForDevices() {
	done := make(chan struct{})
	go func() {
		d.loop.WaitWorkers()
		d.front.wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(leaveWithin):
		d.log.Warn("Leaving without waiting for the kernel any longer")
	}
}

// watchSignals turns signals into work for the loop. The context ends with the
// first signal to leave, for what happens before the loop runs.
func (d *daemon) watchSignals() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	ch := make(chan os.Signal, 8)
	signal.Notify(ch, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1)
	signal.Ignore(unix.SIGPIPE)
	go func() {
		for sig := range ch {
			if sig == unix.SIGTERM || sig == unix.SIGINT {
				cancel()
			}
			d.loop.Post(func() { d.signal(sig) })
		}
	}()
	return ctx
}

func (d *daemon) signal(sig os.Signal) {
	d.log.Debug("Signal received", "signal", sig.String())
	switch sig {
	case unix.SIGHUP:
		if err := d.hub.Reopen(); err != nil {
			d.log.Error("Reopening the log failed", "err", err)
		}
		if err := d.sup.Reconfigure(); err != nil {
			d.log.Error("Failed to read the configuration again; the running one is kept")
			for line := range strings.SplitSeq(err.Error(), "\n") {
				d.log.Error(line)
			}
		}
	case unix.SIGUSR1:
		if err := d.hub.Reopen(); err != nil {
			d.log.Error("Reopening the log failed", "err", err)
		}
		for _, line := range d.sup.Dump() {
			d.log.Info(line)
		}
	default:
		d.stop()
	}
}
