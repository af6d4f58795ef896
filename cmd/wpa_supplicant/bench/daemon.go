package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/stage"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// ifname must exist for the driver none.
const ifname = "lo"

// Sizes of one round.
const (
	singleCalls = 2000
	batchCalls  = 5000
	batchSize   = 100
)

// measure runs one program once through everything.
func measure(ctx context.Context, t *table, who int, program string) error {
	dir, err := os.MkdirTemp("", "gosupplicant-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := stage.StartBus(ctx, dir)
	if err != nil {
		return err
	}
	defer b.Stop()
	c, err := stage.Connect(ctx, b.Address)
	if err != nil {
		return err
	}
	defer c.Close()
	ctrl := filepath.Join(dir, "ctrl")
	begun := time.Now()
	d, err := b.StartDaemon(ctx, filepath.Join(dir, "log"), program, "-u", "-O", ctrl)
	if err != nil {
		return err
	}
	defer d.Stop()
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := c.WaitOwned(within); err != nil {
		return err
	}
	t.add(who, "start to bus name", "ms", false, ms(time.Since(begun)))
	begun = time.Now()
	path, err := c.CreateInterface(ifname, "none")
	if err != nil {
		return err
	}
	t.add(who, "CreateInterface", "ms", false, ms(time.Since(begun)))
	if err := dbusCalls(t, who, c, d.PID(), path); err != nil {
		return err
	}
	if err := ctrlCalls(t, who, d.PID(), filepath.Join(ctrl, ifname)); err != nil {
		return err
	}
	rss, pss, err := memory(d.PID())
	if err != nil {
		return err
	}
	t.add(who, "RSS after the calls", "MiB", false, rss)
	t.add(who, "PSS after the calls", "MiB", false, pss)
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// load is a kind of call to repeat.
type load struct {
	name string
	call func(c *stage.Client) (bus.Target, []any)
}

func loads(path bus.ObjectPath) []load {
	target := func(iface, member string, args ...any) func(*stage.Client) (bus.Target, []any) {
		return func(*stage.Client) (bus.Target, []any) {
			return bus.Target{Dest: stage.Service, Path: path, Interface: iface, Member: member}, args
		}
	}
	return []load{
		{"Get", target(stage.Properties, "Get", stage.Interface, "State")},
		{"GetAll", target(stage.Properties, "GetAll", stage.Interface)},
		{"Introspect", target("org.freedesktop.DBus.Introspectable", "Introspect")},
	}
}

func dbusCalls(t *table, who int, c *stage.Client, pid int, path bus.ObjectPath) error {
	for _, l := range loads(path) {
		target, args := l.call(c)
		if err := timed(t, who, l.name+", one at a time", pid, singleCalls, func() error {
			for range singleCalls {
				if _, err := c.Call(target, args...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		if err := timed(t, who, l.name+", in batches", pid, batchCalls, func() error {
			return batches(c, target, args)
		}); err != nil {
			return fmt.Errorf("%s in batches: %w", l.name, err)
		}
	}
	return nil
}

// batches sends batchSize calls before it waits for their answers.
func batches(c *stage.Client, target bus.Target, args []any) error {
	done := make(chan error, batchSize)
	for range batchCalls / batchSize {
		for range batchSize {
			if _, err := c.Conn.Call(target, func(a *bus.Answer) { done <- a.Err }, args...); err != nil {
				return err
			}
		}
		c.Conn.Flush()
		for range batchSize {
			if err := <-done; err != nil {
				return err
			}
		}
	}
	return nil
}

// timed adds calls a second and the daemon's processor time per call.
func timed(t *table, who int, name string, pid, calls int, f func() error) error {
	before, err := cpu(pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := f(); err != nil {
		return err
	}
	took := time.Since(begun)
	after, err := cpu(pid)
	if err != nil {
		return err
	}
	t.add(who, name, "calls/s", true, float64(calls)/took.Seconds())
	t.add(who, name+": daemon CPU", "µs/call", false, float64(after-before)/float64(calls)/1e3)
	return nil
}

// cpu sums what the threads of a process have run, in nanoseconds. Threads
// that ended in between are lost; neither program ends any in the measured time.
func cpu(pid int) (int64, error) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, task := range tasks {
		b, err := os.ReadFile(filepath.Join(dir, task.Name(), "schedstat"))
		if err != nil {
			return 0, err
		}
		words := strings.Fields(string(b))
		if len(words) == 0 {
			return 0, fmt.Errorf("%s: empty schedstat", task.Name())
		}
		n, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// memory reads resident and proportional size in MiB.
func memory(pid int) (rss, pss float64, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		words := strings.Fields(sc.Text())
		if len(words) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(words[1], 64) // other lines are not used
		switch words[0] {
		case "Rss:":
			rss = kib / 1024
		case "Pss:":
			pss = kib / 1024
		}
	}
	return rss, pss, nil
}

func ctrlCalls(t *table, who int, pid int, path string) error {
	c, err := ctrlclient.Dial(path, ctrlclient.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, cmd := range []string{"PING", "STATUS", "GET_CAPABILITY key_mgmt"} {
		err := timed(t, who, "control "+cmd, pid, batchCalls, func() error {
			for range batchCalls {
				if _, err := c.Request(cmd, ctrlclient.DefaultTimeout); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("control %s: %w", cmd, err)
		}
	}
	return nil
}
