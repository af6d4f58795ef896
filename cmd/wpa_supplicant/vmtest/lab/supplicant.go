package lab

import (
	"os"
	"path/filepath"
)

// Options say how to start a supplicant.
type Options struct {
	Bin       string   // path of the binary
	Bus       *Bus     // nil: without -u
	Interface string   // -i; "" starts without an interface
	Driver    string   // -D, with Interface
	Config    string   // text of the configuration file, with Interface; a ctrl_interface line is added
	Args      []string // more flags
	Match     bool     // Interface is a pattern (-M), and need not exist yet
	NoDebug   bool     // do not pass -d
}

// Supplicant is a running wpa_supplicant.
type Supplicant struct {
	*Process
	Bin     string
	Bus     *Bus
	CtrlDir string // folder of its control sockets
	Global  string // its global control socket
	Config  string // path of its configuration file, "" when it has none
}

// StartSupplicant starts one and waits until it is ready: its name is owned
// when it is on a bus, its control sockets exist.
func StartSupplicant(t T, o Options) *Supplicant {
	t.Helper()
	dir := t.TempDir()
	s := &Supplicant{Bin: o.Bin, Bus: o.Bus, CtrlDir: filepath.Join(dir, "ctrl"), Global: filepath.Join(dir, "global")}
	argv := []string{o.Bin, "-g", s.Global}
	if !o.NoDebug {
		argv = append(argv, "-dd", "-t")
	}
	var env []string
	if o.Bus != nil {
		argv = append(argv, "-u")
		env = o.Bus.Env()
	}
	if o.Interface != "" {
		s.Config = filepath.Join(dir, "wpa_supplicant.conf")
		text := "ctrl_interface=DIR=" + s.CtrlDir + "\n" + o.Config
		if err := os.WriteFile(s.Config, []byte(text), 0o600); err != nil {
			t.Fatalf("lab: %v", err)
		}
		if o.Match {
			argv = append(argv, "-M")
		}
		argv = append(argv, "-i", o.Interface, "-D", o.Driver, "-c", s.Config)
	}
	argv = append(argv, o.Args...)
	s.Process = Start(t, filepath.Base(filepath.Dir(o.Bin))+"/"+filepath.Base(o.Bin), env, argv...)
	if o.Bus != nil {
		s.Bus.WaitName(Service)
	}
	WaitFile(t, s.Global, true)
	if o.Interface != "" && !o.Match {
		WaitFile(t, filepath.Join(s.CtrlDir, o.Interface), true)
	}
	return s
}

// Dial connects to the control socket of an interface ("" is the global one).
func (s *Supplicant) Dial(t T, ifname string) *Ctrl {
	t.Helper()
	if ifname == "" {
		return DialCtrl(t, s.Global)
	}
	return DialCtrl(t, filepath.Join(s.CtrlDir, ifname))
}

// CLI runs one command of a wpa_cli binary on an interface.
func (s *Supplicant) CLI(t T, bin, ifname string, args ...string) string {
	t.Helper()
	return Run(t, nil, append([]string{bin, "-p", s.CtrlDir, "-i", ifname}, args...)...)
}
