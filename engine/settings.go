package engine

import (
	"errors"
	"fmt"
	"slices"

	"gosupplicant/conf"
	"gosupplicant/drivers"
)

// SetGlobal stores a configuration global in the syntax of the file.
func (i *Interface) SetGlobal(name, value string) error {
	if name == "autoscan" {
		if _, err := parseAutoscan(value); err != nil {
			return &InvalidError{What: name, Err: err}
		}
	}
	changed, err := i.conf.Set(name, value)
	if err != nil {
		return &InvalidError{What: name, Err: err}
	}
	if name == "autoscan" && value == "" { // unset, not an empty line in the file
		i.conf.Globals.Autoscan = nil
	}
	flags := i.conf.TakeChanged()
	if !changed {
		return nil
	}
	i.emit(GlobalChanged{i, name})
	if flags&conf.ChangedCountry != 0 {
		i.pushCountry(string(i.conf.Globals.Country))
		i.changed(PropCountry)
	}
	switch name {
	case "ap_scan":
		i.changed(PropAPScan)
	case "bss_expiration_age":
		i.changed(PropBSSExpireAge)
		i.expireLater()
	case "bss_expiration_scan_count":
		i.changed(PropBSSExpireCount)
	case "fast_reauth":
		i.changed(PropFastReauth)
	case "autoscan":
		return i.SetAutoscan(value)
	}
	return nil
}

// pushCountry tells the kernel the country.
func (i *Interface) pushCountry(alpha2 string) {
	c, ok := i.drv.(drivers.CountryControl)
	if !ok || len(alpha2) != 2 {
		return
	}
	var err error
	i.worker.Do(func() { err = c.SetCountry(alpha2) }, func() {
		if err != nil && !i.closed {
			i.log.Warn("The kernel did not take the country", "country", alpha2, "err", err)
		}
	})
}

// SetAPScan changes ap_scan (0..2).
func (i *Interface) SetAPScan(n int) error {
	if n < 0 || n > 2 {
		return &InvalidError{What: "ap_scan"}
	}
	return i.SetGlobal("ap_scan", fmt.Sprint(n))
}

// SetBSSExpireAge changes the time after which unseen entries go, in seconds.
func (i *Interface) SetBSSExpireAge(sec int) error {
	if sec < 10 {
		return &InvalidError{What: "BSS expiration age"}
	}
	return i.SetGlobal("bss_expiration_age", fmt.Sprint(sec))
}

// SetBSSExpireCount changes the number of scans after which unseen entries go.
func (i *Interface) SetBSSExpireCount(n int) error {
	if n < 1 {
		return &InvalidError{What: "BSS expiration count"}
	}
	return i.SetGlobal("bss_expiration_scan_count", fmt.Sprint(n))
}

// AddCred makes a credential block.
func (i *Interface) AddCred() (*conf.Cred, error) {
	if len(i.conf.Creds) >= conf.MaxBlocks {
		return nil, ErrLimit
	}
	c := i.conf.AddCred()
	i.emit(CredAdded{i, c.ID})
	return c, nil
}

// SetCred stores one field of a credential block.
func (i *Interface) SetCred(id int, name, value string) error {
	c := i.conf.Cred(id)
	if c == nil {
		return ErrUnknownCred
	}
	if _, err := c.Set(name, value); err != nil {
		return &InvalidError{What: name, Err: err}
	}
	return nil
}

// RemoveCred drops a credential block.
func (i *Interface) RemoveCred(id int) error {
	if !i.conf.RemoveCred(id) {
		return ErrUnknownCred
	}
	i.emit(CredRemoved{i, id})
	return nil
}

// RemoveAllCreds drops every credential block.
func (i *Interface) RemoveAllCreds() {
	for _, c := range slices.Clone(i.conf.Creds) {
		i.RemoveCred(c.ID)
	}
}

// Bounds of blobs.
const (
	maxBlobs    = 256
	maxBlobSize = 1 << 20
)

// SetBlob stores data under name, replacing what was there.
func (i *Interface) SetBlob(name string, data []byte) error {
	_, exists := i.conf.Blobs[name]
	if len(data) > maxBlobSize || !exists && len(i.conf.Blobs) >= maxBlobs {
		return ErrLimit
	}
	if err := i.conf.SetBlob(name, data); err != nil {
		return &InvalidError{What: "blob", Err: err}
	}
	if exists {
		i.emit(BlobRemoved{i, name})
	}
	i.emit(BlobAdded{i, name})
	return nil
}

// RemoveBlob drops a blob.
func (i *Interface) RemoveBlob(name string) error {
	if !i.conf.RemoveBlob(name) {
		return ErrUnknownBlob
	}
	i.emit(BlobRemoved{i, name})
	return nil
}

// Blob returns a blob's octets, which the caller must not change.
func (i *Interface) Blob(name string) ([]byte, bool) {
	b, ok := i.conf.Blobs[name]
	return b, ok
}

// SaveConfig writes the configuration file.
func (i *Interface) SaveConfig() error {
	switch {
	case i.cfg.ConfigFile == "":
		return ErrNoConfigFile
	case i.conf.Globals.UpdateConfig == 0:
		return ErrUpdateDisabled
	}
	if err := i.conf.Save(i.cfg.ConfigFile); err != nil {
		i.log.Error("Failed to update config", "file", i.cfg.ConfigFile, "err", err)
		return err
	}
	i.log.Debug("Configuration updated", "file", i.cfg.ConfigFile)
	return nil
}

// Reconfigure reads the configuration file again. On an error the running
// configuration stays.
func (i *Interface) Reconfigure() error {
	if i.cfg.ConfigFile == "" {
		return ErrNoConfigFile
	}
	c, err := loadConfig(i.cfg)
	if err != nil {
		return err
	}
	old := i.conf
	i.leave("configuration is read again")
	i.holds.stop()
	for _, n := range old.Networks {
		i.partWith(n)
		i.emit(NetworkRemoved{i, n})
	}
	i.conf = c
	i.cfg.CtrlInterface = keep(i.cfg.CtrlInterface, old, c)
	for _, n := range c.Networks {
		i.emit(NetworkAdded{i, n})
	}
	i.changed(PropNetworks)
	i.tellGlobals(old)
	i.scan.resetPace()
	i.scan.auto = nil
	if a, err := parseAutoscan(string(c.Globals.Autoscan)); err != nil {
		i.log.Warn("Ignoring the autoscan setting", "err", err)
	} else {
		i.scan.auto = a
	}
	i.ClearIgnored()
	i.emit(Reconfigured{i})
	i.want.disconnected = false
	i.reconsider()
	if i.state != StateInterfaceDisabled {
		i.wantScan(0)
	}
	i.log.Debug("Reconfiguration completed", "file", i.cfg.ConfigFile)
	return nil
}

// keep holds a control socket where it is when a file without ctrl_interface
// takes over from one that had it: clients would lose the daemon.
func keep(own string, old, next *conf.Config) string {
	if own == "" && !next.Globals.CtrlInterface.IsSet() && old.Globals.CtrlInterface.IsSet() {
		return string(old.Globals.CtrlInterface)
	}
	return own
}

// tellGlobals tells observers which globals differ from those of old.
func (i *Interface) tellGlobals(old *conf.Config) {
	for _, f := range conf.GlobalFields() {
		was, _ := old.Get(f.Name)
		if is, _ := i.conf.Get(f.Name); is != was {
			i.emit(GlobalChanged{i, f.Name})
		}
	}
	g, o := &i.conf.Globals, &old.Globals
	if string(g.Country) != string(o.Country) {
		i.pushCountry(string(g.Country))
		i.changed(PropCountry)
	}
	if g.APScan != o.APScan {
		i.changed(PropAPScan)
	}
}

// Flush puts everything that can be set at run time back to its beginning.
func (i *Interface) Flush() {
	i.RemoveAllNetworks()
	i.conn.psks.flush()
	i.RemoveAllCreds()
	for name := range i.conf.Blobs {
		i.RemoveBlob(name)
	}
	i.ClearIgnored()
	i.holds.stop()
	i.emitRemoved(i.table.FlushAll(i.inUse))
	fresh := conf.New()
	for _, name := range []string{"ap_scan", "bss_expiration_age", "bss_expiration_scan_count", "autoscan", "filter_rssi", "filter_ssids"} {
		if v, ok := fresh.Get(name); ok {
			i.SetGlobal(name, v)
		}
	}
	i.SetScanInterval(defaultScanInterval)
	i.macRand = macRandomization{}
	i.want = wishes{}
	i.restrict = restrictions{}
	i.tamper.reset()
	i.scan.auto = nil
	i.scan.timer.Stop()
	i.reconsider()
}

// SignalPoll reads the link's statistics.
func (i *Interface) SignalPoll(done func(drivers.Signal, error)) {
	p, ok := i.drv.(drivers.SignalPoller)
	if !ok {
		done(drivers.Signal{}, ErrNotSupported)
		return
	}
	var sig drivers.Signal
	var err error
	i.worker.Do(func() { sig, err = p.SignalPoll() }, func() {
		i.tamper.signal(i, &sig)
		done(sig, err)
	})
}

// DriverStatus reads the driver's own status lines.
func (i *Interface) DriverStatus(done func([]drivers.KeyValue, error)) {
	r, ok := i.drv.(drivers.StatusReporter)
	if !ok {
		done(nil, ErrNotSupported)
		return
	}
	var kv []drivers.KeyValue
	err := errors.New("interface is gone")
	i.worker.Do(func() { kv, err = r.DriverStatus() }, func() { done(kv, err) })
}
