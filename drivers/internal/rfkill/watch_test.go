package rfkill

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// bench is a made-up system: a FIFO as the device and a folder as sysfs.
type bench struct {
	t       *testing.T
	sysfs   string
	device  string
	writer  *os.File
	changes chan change
}

type change struct {
	radio string
	state drivers.RFKill
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, sysfs: t.TempDir(), changes: make(chan change, 16)}
	b.device = filepath.Join(b.sysfs, "rfkill")
	if err := unix.Mkfifo(b.device, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(b.device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	b.writer = w
	return b
}

// radio makes switch number index belong to a device below folder parent.
func (b *bench) radio(index, parent, name string) {
	b.t.Helper()
	dev := filepath.Join(b.sysfs, "devices", parent, name)
	sw := filepath.Join(b.sysfs, "rfkill"+index)
	for _, err := range []error{os.MkdirAll(dev, 0o700), os.Mkdir(sw, 0o700), os.Symlink(dev, filepath.Join(sw, "device"))} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) write(ev []byte) {
	b.t.Helper()
	if _, err := b.writer.Write(ev); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) watch() *Watcher {
	b.t.Helper()
	w, err := Watch(Config{Device: b.device, Sysfs: b.sysfs, Notify: func(radio string, s drivers.RFKill) {
		b.changes <- change{radio, s}
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

func (b *bench) expect(want change) {
	b.t.Helper()
	select {
	case got := <-b.changes:
		if got != want {
			b.t.Fatalf("got %+v, want %+v", got, want)
		}
	case <-time.After(10 * time.Second):
		b.t.Fatalf("no change, want %+v", want)
	}
}

func TestWatch(t *testing.T) {
	b := newBench(t)
	b.radio("0", "ieee80211", "phy0")
	b.radio("1", "platform", "laptop-wifi")
	b.radio("2", "ieee80211", "phy2")
	b.write(raw(0, TypeWLAN, OpAdd, 1, 0))
	b.write(raw(1, TypeWLAN, OpAdd, 0, 1)) // belongs to no radio
	b.write(raw(7, 2, OpAdd, 1, 1))        // Bluetooth
	w := b.watch()
	if got := w.Block("phy0"); got != drivers.RFKillSoft {
		t.Errorf("phy0 begins as %d", got)
	}
	if got := w.Block("phy9"); got != drivers.RFKillUnblocked {
		t.Errorf("a radio without switch is %d", got)
	}
	b.write(raw(0, TypeWLAN, OpChange, 1, 1))
	b.expect(change{"phy0", drivers.RFKillHard})
	b.write(raw(0, TypeWLAN, OpChange, 1, 1)) // nothing new
	b.write([]byte{0, 0, 0, 0, 1, 99, 0, 0})  // malformed
	b.write(raw(0, TypeWLAN, OpChange, 0, 0))
	b.expect(change{"phy0", drivers.RFKillUnblocked})
	b.write(raw(2, TypeWLAN, OpChange, 1, 0)) // never announced
	b.expect(change{"phy2", drivers.RFKillSoft})
	b.write(raw(2, TypeWLAN, OpDel, 0, 0))
	b.expect(change{"phy2", drivers.RFKillUnblocked})
	b.write(raw(0, TypeAll, OpChangeAll, 1, 0))
	b.expect(change{"phy0", drivers.RFKillSoft})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	select {
	case <-w.done:
	default:
		t.Error("the goroutine outlives Close")
	}
}

func TestWatchWithoutDevice(t *testing.T) {
	w, err := Watch(Config{Device: filepath.Join(t.TempDir(), "rfkill")})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Block("phy0"); got != drivers.RFKillUnblocked {
		t.Errorf("blocked: %d", got)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestWatchUnreadable(t *testing.T) {
	if w, err := Watch(Config{Device: t.TempDir()}); err == nil {
		t.Errorf("a folder was taken for the device: %+v", w)
	}
}
