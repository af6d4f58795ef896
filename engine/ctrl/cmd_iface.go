package ctrl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

var interfaceCommands = []command{
	{"INTERFACES", prefix, onBoth, (*request).interfaces, "managed interfaces"},
	{"INTERFACE_LIST", exact, onBoth, always(""), "interfaces that drivers enumerate: no driver here does"},
	{"INTERFACE_ADD", withArg, onGlobal, (*request).interfaceAdd, "takes an interface into use"},
	{"INTERFACE_REMOVE", withArg, onGlobal, (*request).interfaceRemove, "gives an interface back"},
	{"RADIO_WORK", withArg, onIface, (*request).radioWork, "use of the radio by a client"},
}

// interfaces lists the newest first, as upstream does; a suffix with "ctrl" shows
// the control folders.
func (r *request) interfaces() string {
	l := r.list()
	all := r.srv.sup.Interfaces()
	for k := len(all) - 1; k >= 0; k-- {
		text := all[k].Name()
		if strings.Contains(r.arg, "ctrl") {
			place := all[k].CtrlInterface()
			if place == "" {
				place = "N/A"
			}
			text += " ctrl_iface=" + place
		}
		if !l.add(text + "\n") {
			break
		}
	}
	return l.String()
}

// fields of INTERFACE_ADD.
const (
	addIfname = iota
	addConfig
	addDriver
	addCtrl
	addParam
	addBridge
	addCreate
	addType
	addAddress
	addFields
)

// interfaceAdd answers when the driver has been opened, or not.
func (r *request) interfaceAdd() string {
	cfg, err := parseInterface(r.arg)
	if err != nil {
		return r.result(err)
	}
	r.later = true
	r.srv.sup.AddInterface(cfg, func(_ *engine.Interface, err error) { r.reply(r.result(err)) })
	return ""
}

func parseInterface(arg string) (engine.InterfaceConfig, error) {
	words := strings.Split(arg, "\t")
	if len(words) > addFields {
		return engine.InterfaceConfig{}, invalid("INTERFACE_ADD: too many fields")
	}
	var f [addFields]string
	copy(f[:], words)
	cfg := engine.InterfaceConfig{
		Ifname: f[addIfname], ConfigFile: f[addConfig], Driver: f[addDriver], CtrlInterface: f[addCtrl],
		DriverParam: f[addParam], BridgeIfname: f[addBridge],
	}
	if f[addCreate] == "" {
		return cfg, nil
	}
	if f[addCreate] != "create" {
		return cfg, invalid("INTERFACE_ADD: word in place of create")
	}
	cfg.Create = true
	switch f[addType] {
	case "", "sta":
		cfg.CreateType = drivers.IfaceStation
	case "ap":
		cfg.CreateType = drivers.IfaceAP
	default:
		return cfg, invalid("INTERFACE_ADD: interface type")
	}
	if f[addAddress] != "" {
		mac, err := dot11.ParseMAC(f[addAddress])
		if err != nil {
			return cfg, invalid("INTERFACE_ADD: address")
		}
		cfg.CreateAddr = &mac
	}
	return cfg, nil
}

func (r *request) interfaceRemove() string {
	i := r.srv.sup.InterfaceByName(r.arg)
	if i == nil {
		return r.result(engine.ErrUnknownInterface)
	}
	return r.result(r.srv.sup.RemoveInterface(i))
}

// radioWork: show | add <name> [freq=<MHz>] [timeout=<s>] | done <id>.
func (r *request) radioWork() string {
	verb, rest, _ := strings.Cut(r.arg, " ")
	switch verb {
	case "show":
		if rest != "" {
			return r.result(invalid("RADIO_WORK: show takes no argument"))
		}
		l := r.list()
		for _, w := range r.iface.RadioWorks() {
			sec, usec := int64(w.Age/time.Second), int64(w.Age%time.Second/time.Microsecond)
			if !l.add(fmt.Sprintf("%s@%s:%d:%d:%d.%06d\n", w.Kind, w.Iface, w.Freq, digit(w.Started), sec, usec)) {
				break
			}
		}
		return l.String()
	case "add":
		return r.radioWorkAdd(rest)
	case "done":
		n, err := id(rest)
		if err != nil {
			return r.result(err)
		}
		return r.result(r.iface.FinishRadioWork(n))
	}
	return r.result(invalid("RADIO_WORK: neither show, add nor done"))
}

func (r *request) radioWorkAdd(arg string) string {
	name, rest, _ := strings.Cut(arg, " ")
	o := parseOptions(rest)
	freq, timeout := 0, 0
	var errFreq, errTimeout error
	if word, ok := o.get("freq"); ok {
		freq, errFreq = number(word, 0, 1<<20)
	}
	if word, ok := o.get("timeout"); ok {
		timeout, errTimeout = number(word, 0, 1<<20)
	}
	if err := errors.Join(errFreq, errTimeout); err != nil {
		return r.result(err)
	}
	if printable(name) != name || len(name) > 100 {
		return r.result(invalid("RADIO_WORK: name"))
	}
	n, err := r.iface.AddRadioWork(name, freq, time.Duration(timeout)*time.Second)
	if err != nil {
		return r.result(err)
	}
	return fmt.Sprint(n)
}
