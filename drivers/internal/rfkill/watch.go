package rfkill

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// Config says where to look and whom to tell. The zero value of the paths means
// the real system.
type Config struct {
	Device string // default /dev/rfkill
	Sysfs  string // default /sys/class/rfkill
	// Notify is called when the block state of a radio changed, from the
	// watcher's goroutine, never after Close has returned. It must not call
	// Close. It is not called for the state found when the watch began.
	Notify func(radio string, state drivers.RFKill)
}

// Watcher follows the switches of all Wi-Fi radios.
type Watcher struct {
	sysfs  string
	notify func(string, drivers.RFKill)
	file   *os.File // nil without device
	done   chan struct{}

	mu       sync.Mutex
	switches map[uint32]radioSwitch
}

// radioSwitch is one switch; radio is empty when sysfs names none.
type radioSwitch struct {
	radio string
	state drivers.RFKill
}

// Watch opens the device and takes in the state of every switch. A device that
// is missing, or that this process may not read (a container), is not an error.
func Watch(cfg Config) (*Watcher, error) {
	if cfg.Device == "" {
		cfg.Device = "/dev/rfkill"
	}
	if cfg.Sysfs == "" {
		cfg.Sysfs = "/sys/class/rfkill"
	}
	w := &Watcher{sysfs: cfg.Sysfs, notify: cfg.Notify, done: make(chan struct{}), switches: map[uint32]radioSwitch{}}
	fd, err := unix.Open(cfg.Device, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
		close(w.done)
		return w, nil
	}
	if err != nil {
		return nil, fmt.Errorf("rfkill: open %s: %w", cfg.Device, err)
	}
	if err := w.drain(fd); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("rfkill: read %s: %w", cfg.Device, err)
	}
	w.file = os.NewFile(uintptr(fd), cfg.Device)
	go w.run()
	return w, nil
}

// drain takes the records that are there at once: one per existing switch.
func (w *Watcher) drain(fd int) error {
	var b [eventLen]byte
	for {
		n, err := unix.Read(fd, b[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN) || err == nil && n == 0:
			return nil
		case err != nil:
			return err
		}
		if ev, err := Parse(b[:n]); err == nil {
			w.apply(ev)
		}
	}
}

func (w *Watcher) run() {
	defer close(w.done)
	var b [eventLen]byte
	for {
		n, err := w.file.Read(b[:])
		if err != nil {
			return
		}
		ev, err := Parse(b[:n])
		if err != nil {
			continue
		}
		for radio, state := range w.apply(ev) {
			if w.notify != nil {
				w.notify(radio, state)
			}
		}
	}
}

// apply takes one record in and returns the radios whose state changed by it.
func (w *Watcher) apply(ev Event) map[string]drivers.RFKill {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ev.Type != TypeWLAN && !(ev.Op == OpChangeAll && ev.Type == TypeAll) {
		return nil
	}
	before := map[string]drivers.RFKill{}
	for _, s := range w.switches {
		before[s.radio] = w.block(s.radio)
	}
	switch ev.Op {
	case OpAdd:
		w.switches[ev.Index] = radioSwitch{radio: w.radioOf(ev.Index), state: ev.Block()}
	case OpDel:
		delete(w.switches, ev.Index)
	case OpChange:
		s, ok := w.switches[ev.Index]
		if !ok {
			s.radio = w.radioOf(ev.Index)
		}
		s.state = ev.Block()
		w.switches[ev.Index] = s
	case OpChangeAll:
		for i, s := range w.switches {
			if s.state != drivers.RFKillHard {
				s.state = ev.Block()
				w.switches[i] = s
			}
		}
	}
	return w.changed(before)
}

// changed compares the present states with those before.
func (w *Watcher) changed(before map[string]drivers.RFKill) map[string]drivers.RFKill {
	out := map[string]drivers.RFKill{}
	for _, s := range w.switches {
		if now := w.block(s.radio); s.radio != "" && now != before[s.radio] {
			out[s.radio] = now
		}
	}
	for radio, state := range before {
		if now := w.block(radio); radio != "" && now != state {
			out[radio] = now
		}
	}
	return out
}

// Block returns the present state of a radio, unblocked where it has no switch.
// It may be called from any goroutine.
func (w *Watcher) Block(radio string) drivers.RFKill {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.block(radio)
}

// block is the worst state among the switches of a radio.
func (w *Watcher) block(radio string) drivers.RFKill {
	state := drivers.RFKillUnblocked
	for _, s := range w.switches {
		if s.radio == radio {
			state = max(state, s.state)
		}
	}
	return state
}

// radioOf reads the radio a switch belongs to from sysfs: its device is either
// the radio itself or, for platform switches, nothing of ours.
func (w *Watcher) radioOf(index uint32) string {
	dev, err := filepath.EvalSymlinks(filepath.Join(w.sysfs, "rfkill"+strconv.FormatUint(uint64(index), 10), "device"))
	if err != nil {
		return ""
	}
	if filepath.Base(filepath.Dir(dev)) != "ieee80211" {
		return ""
	}
	return filepath.Base(dev)
}

// Close stops the watch and waits for its goroutine.
func (w *Watcher) Close() error {
	var err error
	if w.file != nil {
		err = w.file.Close()
	}
	<-w.done
	return err
}
