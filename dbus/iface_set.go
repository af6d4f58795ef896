package dbus

import (
	"fmt"
	"net"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

func setAPScan(_ *Server, o object, v bus.Variant) error {
	n, ok := v.Value.(uint32)
	if !ok {
		return errWrongType()
	}
	if n > 2 {
		return failed("ap_scan must be 0, 1, or 2")
	}
	return o.iface.SetAPScan(int(n))
}

func setExpireAge(_ *Server, o object, v bus.Variant) error {
	n, ok := v.Value.(uint32)
	if !ok {
		return errWrongType()
	}
	if n < 10 || o.iface.SetBSSExpireAge(int(min(n, 1<<31-1))) != nil {
		return failed("BSSExpireAge must be >= 10")
	}
	return nil
}

func setExpireCount(_ *Server, o object, v bus.Variant) error {
	n, ok := v.Value.(uint32)
	if !ok {
		return errWrongType()
	}
	if n == 0 || o.iface.SetBSSExpireCount(int(min(n, 1<<31-1))) != nil {
		return failed("BSSExpireCount must be > 0")
	}
	return nil
}

func setCountry(_ *Server, o object, v bus.Variant) error {
	text, ok := v.Value.(string)
	if !ok {
		return errWrongType()
	}
	if len(text) < 2 {
		return failed("invalid country code")
	}
	if err := o.iface.SetGlobal("country", text[:2]); err != nil {
		return failed("invalid country code")
	}
	return nil
}

func setBridge(_ *Server, o object, v bus.Variant) error {
	name, ok := v.Value.(string)
	if !ok {
		return errWrongType()
	}
	if name != "" && o.iface.State() <= engine.StateScanning {
		if _, err := net.InterfaceByName(name); err != nil {
			return failed("socket error") // upstream opens its socket at once
		}
	}
	switch err := o.iface.SetBridge(name); err {
	case nil:
		return nil
	case engine.ErrBusy:
		return failed("interface is busy")
	default:
		return failed("invalid interface name")
	}
}

func setFastReauth(_ *Server, o object, v bus.Variant) error {
	return setBool(v, func(on bool) error {
		text := "0"
		if on {
			text = "1"
		}
		return o.iface.SetGlobal("fast_reauth", text)
	})
}

func setScanInterval(_ *Server, o object, v bus.Variant) error {
	n, ok := v.Value.(int32)
	if !ok {
		return errWrongType()
	}
	if n < 0 || o.iface.SetScanInterval(int(n)) != nil {
		return failed("scan_interval must be >= 0")
	}
	return nil
}

// The kinds of scan of MACAddressRandomizationMask, in upstream's order.
var maskKinds = []string{"scan", "sched_scan", "pno"}

func masksOf(i *engine.Interface) any {
	var names []string
	masks := map[string]dot11.MAC{}
	for _, kind := range maskKinds {
		if mask, ok := i.MACRandomizationMask(kind); ok {
			names = append(names, kind)
			masks[kind] = mask
		}
	}
	return named(names, func(n string) []byte { m := masks[n]; return m[:] })
}

const maskSetter = "wpas_dbus_setter_mac_address_randomization_mask: "

// setMasks switches randomization on for the kinds in the dictionary and off
// for the others. The base address is the permanent one.
func setMasks(_ *Server, o object, v bus.Variant) error {
	masks, err := decodeMasks(v)
	if err != nil {
		return err
	}
	for _, kind := range maskKinds {
		if _, on := masks[kind]; !on {
			if err := o.iface.SetMACRandomization(kind, false, nil, nil); err != nil {
				return err
			}
		}
	}
	base := o.iface.LinkState().PermMAC
	for _, kind := range maskKinds {
		mask, on := masks[kind]
		if !on {
			continue
		}
		if err := o.iface.SetMACRandomization(kind, true, &base, &mask); err != nil {
			return failed(maskSetter + "failed to set up MAC address randomization for " + kind)
		}
	}
	return nil
}

// decodeMasks reads an a{say} of masks by kind of scan.
func decodeMasks(v bus.Variant) (map[string]dot11.MAC, error) {
	masks := map[string]dot11.MAC{}
	if d, ok := v.Value.(bus.Dict); ok { // a{sv} instead of a{say}
		if len(d) > 0 {
			return nil, failed(maskSetter + "mask was not a byte array")
		}
		return masks, nil
	}
	a, ok := v.Value.(bus.Array)
	if !ok || !strings.HasPrefix(string(a.Elem), "{") {
		return nil, errMessageFormat()
	}
	for _, item := range a.Items {
		entry, ok := item.(bus.Struct)
		if !ok || len(entry) != 2 {
			return nil, errMessageFormat()
		}
		kind, ok := entry[0].(string)
		if !ok {
			return nil, failed(maskSetter + "key not a string")
		}
		octets, ok := entry[1].([]byte)
		if !ok {
			return nil, failed(maskSetter + "mask was not a byte array")
		}
		if kind != "scan" && kind != "sched_scan" && kind != "pno" {
			return nil, failed(maskSetter + "bad scan type \"" + kind + "\"")
		}
		mask, err := dot11.MACFromBytes(octets)
		if err != nil {
			return nil, failed(maskSetter + "malformed MAC mask given")
		}
		masks[kind] = mask
	}
	return masks, nil
}

// native are the globals that have a property with a type of its own.
var native = map[string]bool{
	"ap_scan": true, "bss_expiration_age": true, "bss_expiration_scan_count": true, "country": true,
	"fast_reauth": true, "pkcs11_engine_path": true, "pkcs11_module_path": true,
}

// maxGlobalText bounds "name=value" of a global property in octets.
const maxGlobalText = 249

// globalProperties makes a text property of every other global that has
// storage.
func globalProperties() []property {
	var out []property
	for _, f := range conf.GlobalFields() {
		if native[f.Name] || f.Ignored || f.Alias != "" || !f.Saved && !f.Readable {
			continue
		}
		out = append(out, globalProperty(f.Name, propertyName(f.Name)))
	}
	return out
}

// propertyName turns p2p_6ghz_disable into P2p6ghzDisable.
func propertyName(field string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(field, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func globalProperty(field, name string) property {
	return property{
		name: name, sig: "s",
		get: func(_ *Server, o object) (any, error) {
			text, _ := o.iface.Config().Get(field) // unset reads as ""
			return text, nil
		},
		set: func(_ *Server, o object, v bus.Variant) error {
			text, ok := v.Value.(string)
			if !ok {
				return errWrongType()
			}
			if text == "" && field != "autoscan" { // for which no text is no module
				text = "NULL"
			}
			if len(field)+1+len(text) > maxGlobalText {
				return wire(nameStdInvalidArgs, fmt.Sprintf("Interface property %s value too large", name))
			}
			if err := o.iface.SetGlobal(field, text); err != nil {
				return wire(nameStdInvalidArgs, "Failed to set interface property "+name)
			}
			return nil
		},
	}
}
