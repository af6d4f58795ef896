package dbus

import (
	"maps"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

func interfaceTable() *descriptor {
	return &descriptor{
		name: ifaceInterface,
		methods: []method{
			{name: "Scan", in: args("args", "a{sv}"), call: scan},
			{name: "SignalPoll", out: args("args", "a{sv}"), call: signalPoll},
			{name: "Disconnect", call: disconnect},
			{name: "AddNetwork", in: args("args", "a{sv}"), out: args("path", "o"), call: addNetwork},
			{name: "Reassociate", call: simple((*engine.Interface).Reassociate)},
			{name: "Reattach", call: simple((*engine.Interface).Reattach)},
			{name: "Reconnect", call: simple((*engine.Interface).Reconnect)},
			{name: "RemoveNetwork", in: args("path", "o"), call: removeNetwork},
			{name: "RemoveAllNetworks", call: removeAllNetworks},
			{name: "SelectNetwork", in: args("path", "o"), call: selectNetwork},
			{name: "NetworkReply", in: args("path", "o", "field", "s", "value", "s"), call: networkReply},
			{name: "Roam", in: args("addr", "s"), call: roam},
			{name: "AddBlob", in: args("name", "s", "data", "ay"), call: addBlob},
			{name: "GetBlob", in: args("name", "s"), out: args("data", "ay"), call: getBlob},
			{name: "RemoveBlob", in: args("name", "s"), call: removeBlob},
			{name: "SetPKCS11EngineAndModulePath", in: args("pkcs11_engine_path", "s", "pkcs11_module_path", "s"), call: setPKCS11},
			{name: "FlushBSS", in: args("age", "u"), call: flushBSS},
			{name: "EAPLogoff", call: eapLogoff},
			{name: "EAPLogon", call: eapLogon},
			{name: "AutoScan", in: args("arg", "s"), call: autoScan},
			{name: "SaveConfig", call: saveConfig},
			{name: "AbortScan", call: abortScan},
			{name: "AddCred", in: args("args", "a{sv}"), out: args("path", "o"), call: addCred},
			{name: "RemoveCred", in: args("path", "o"), call: removeCred},
			{name: "RemoveAllCreds", call: removeAllCreds},
		},
		signals: []signal{
			{"ScanDone", args("success", "b")},
			{"BSSAdded", args("path", "o", "properties", "a{sv}")},
			{"BSSRemoved", args("path", "o")},
			{"BlobAdded", args("name", "s")},
			{"BlobRemoved", args("name", "s")},
			{"NetworkAdded", args("path", "o", "properties", "a{sv}")},
			{"NetworkRemoved", args("path", "o")},
			{"NetworkSelected", args("path", "o")},
			changedSignal(),
			{"Certification", args("certification", "a{sv}")},
			{"EAP", args("status", "s", "parameter", "s")},
			{"NetworkRequest", args("path", "o", "field", "s", "text", "s")},
		},
		properties: append(interfaceProperties(), globalProperties()...),
	}
}

// interfaceProperties are the properties with types of their own.
func interfaceProperties() []property {
	return []property{
		{name: "Capabilities", sig: "a{sv}", get: getCapabilities},
		{name: "State", sig: "s", get: ofInterface(func(i *engine.Interface) any { return strings.ToLower(i.State().String()) })},
		{name: "Scanning", sig: "b", get: ofInterface(func(i *engine.Interface) any { return i.Scanning() })},
		{name: "ApScan", sig: "u", get: ofInterface(func(i *engine.Interface) any { return uint32(i.Config().APScan) }), set: setAPScan},
		{name: "BSSExpireAge", sig: "u", get: ofInterface(func(i *engine.Interface) any { return uint32(i.Config().BSSExpirationAge) }), set: setExpireAge},
		{name: "BSSExpireCount", sig: "u", get: ofInterface(func(i *engine.Interface) any { return uint32(i.Config().BSSExpirationScanCount) }), set: setExpireCount},
		{name: "Country", sig: "s", get: ofInterface(func(i *engine.Interface) any { return string(i.Config().Country) }), set: setCountry},
		{name: "Ifname", sig: "s", get: ofInterface(func(i *engine.Interface) any { return i.Name() })},
		{name: "Driver", sig: "s", get: ofInterface(func(i *engine.Interface) any { return i.DriverName() })},
		{name: "BridgeIfname", sig: "s", get: ofInterface(func(i *engine.Interface) any { return i.BridgeIfname() }), set: setBridge},
		{name: "ConfigFile", sig: "s", get: ofInterface(func(i *engine.Interface) any { return i.ConfigFile() })},
		{name: "CurrentBSS", sig: "o", get: getCurrentBSS},
		{name: "CurrentNetwork", sig: "o", get: getCurrentNetwork},
		{name: "CurrentAuthMode", sig: "s", get: ofInterface(authMode)},
		{name: "Blobs", sig: "a{say}", get: ofInterface(blobsOf)},
		{name: "BSSs", sig: "ao", get: ofInterface(bssPaths)},
		{name: "Networks", sig: "ao", get: ofInterface(networkPaths)},
		{name: "FastReauth", sig: "b", get: ofInterface(func(i *engine.Interface) any { return i.Config().FastReauth != 0 }), set: setFastReauth},
		{name: "ScanInterval", sig: "i", get: ofInterface(func(i *engine.Interface) any { return int32(i.ScanInterval()) }), set: setScanInterval},
		{name: "PKCS11EnginePath", sig: "s", get: ofInterface(func(i *engine.Interface) any { return string(i.Config().PKCS11EnginePath) })},
		{name: "PKCS11ModulePath", sig: "s", get: ofInterface(func(i *engine.Interface) any { return string(i.Config().PKCS11ModulePath) })},
		{name: "DisconnectReason", sig: "i", get: ofInterface(func(i *engine.Interface) any { return int32(i.DisconnectReason()) }), urgent: true},
		{name: "AuthStatusCode", sig: "i", get: ofInterface(func(i *engine.Interface) any { return int32(i.AuthStatus()) }), urgent: true},
		{name: "AssocStatusCode", sig: "i", get: ofInterface(func(i *engine.Interface) any { return int32(i.AssocStatus()) }), urgent: true},
		{name: "RoamTime", sig: "u", get: ofInterface(func(i *engine.Interface) any { return uint32(i.RoamTime().Milliseconds()) })},
		{name: "RoamComplete", sig: "b", get: ofInterface(func(i *engine.Interface) any { return i.RoamComplete() })},
		{name: "SessionLength", sig: "u", get: ofInterface(func(i *engine.Interface) any { return uint32(i.SessionLength().Milliseconds()) })},
		// BSS transitions are not built: there was none.
		{name: "BSSTMStatus", sig: "u", get: ofInterface(func(*engine.Interface) any { return uint32(0) })},
		{name: "MACAddressRandomizationMask", sig: "a{say}", get: ofInterface(masksOf), set: setMasks},
		{name: "MACAddress", sig: "ay", get: ofInterface(func(i *engine.Interface) any { mac := i.MACAddress(); return mac[:] })},
		{name: "LastFailure", sig: "a{sv}", get: ofInterface(getLastFailure)},
	}
}

// ofInterface makes a getter from a function that cannot fail.
func ofInterface(f func(*engine.Interface) any) func(*Server, object) (any, error) {
	return func(_ *Server, o object) (any, error) { return f(o.iface), nil }
}

// simple makes a handler from a request without arguments or results.
func simple(f func(*engine.Interface) error) func(*request) ([]any, error) {
	return func(r *request) ([]any, error) { return nil, nilOr(f(r.obj.iface)) }
}

func getCurrentBSS(_ *Server, o object) (any, error) {
	if b := o.iface.CurrentBSS(); b != nil {
		return bssObject(o.iface, b).path(), nil
	}
	return noPath, nil
}

func getCurrentNetwork(_ *Server, o object) (any, error) {
	if n := o.iface.NetworkInUse(); n != nil {
		return networkObject(o.iface, n).path(), nil
	}
	return noPath, nil
}

// authMode is INACTIVE until a connection is complete. For PSK it names the
// protocols that the network allows, as upstream does, not the one in use; for EAP
// with the first of its AKMs, and on a cable, the method.
func authMode(i *engine.Interface) any {
	if i.State() != engine.StateCompleted {
		return "INACTIVE"
	}
	l := i.Link()
	switch {
	case l == nil:
		return "UNKNOWN"
	case i.EAPStatus(false) != nil && (l.Security == nil || l.Security.AKM == dot11.AKMEAP):
		if m := i.EAPMethod(); m != "" {
			return "EAP-" + m
		}
		return "EAP-UNKNOWN-EAP" // upstream's words: the key came from the cache
	case l.Security == nil:
		return dot11.AKMNone.StatusName(0)
	}
	var allowed dot11.Proto
	if l.Network.Proto&conf.ProtoRSN != 0 {
		allowed |= dot11.ProtoRSN
	}
	if l.Network.Proto&conf.ProtoWPA != 0 {
		allowed |= dot11.ProtoWPA
	}
	return l.Security.AKM.StatusName(allowed)
}

// roam goes to another BSS of the network in use.
func roam(r *request) ([]any, error) {
	bssid, err := dot11.ParseMAC(r.args[0].(string))
	if err != nil {
		return nil, invalidArgs("Invalid hardware address format")
	}
	return nil, nilOr(r.obj.iface.Roam(bssid))
}

// named is the a{say} of Blobs and MACAddressRandomizationMask.
func named(names []string, value func(string) []byte) bus.Array {
	a := bus.Array{Elem: "{say}"}
	for _, n := range names {
		a.Items = append(a.Items, bus.Struct{n, append([]byte{}, value(n)...)})
	}
	return a
}

func blobsOf(i *engine.Interface) any {
	blobs := i.Config().Blobs
	return named(slices.Sorted(maps.Keys(blobs)), func(n string) []byte { return blobs[n] })
}

func bssPaths(i *engine.Interface) any {
	paths := make([]bus.ObjectPath, 0, i.BSSs().Len())
	for b := range i.BSSs().All() {
		paths = append(paths, bssObject(i, b).path())
	}
	return paths
}

func networkPaths(i *engine.Interface) any {
	paths := []bus.ObjectPath{}
	for _, n := range i.Config().Networks {
		if visible(n) {
			paths = append(paths, networkObject(i, n).path())
		}
	}
	return paths
}

// disconnect refuses when there is nothing to leave, not even an attempt, and
// changes nothing then.
func disconnect(r *request) ([]any, error) {
	i := r.obj.iface
	if i.NetworkInUse() == nil {
		return nil, errNotConnected()
	}
	return nil, nilOr(i.Disconnect())
}

func flushBSS(r *request) ([]any, error) {
	// An age beyond an int's reach flushes nothing, as does the greatest.
	r.obj.iface.FlushBSS(int(min(r.args[0].(uint32), 1<<31-1)))
	return nil, nil
}

func autoScan(r *request) ([]any, error) {
	// The setting is kept with the configuration.
	if err := r.obj.iface.SetGlobal("autoscan", r.args[0].(string)); err != nil {
		return nil, wire(nameStdInvalidArgs, err.Error())
	}
	return nil, nil
}

func saveConfig(r *request) ([]any, error) {
	i := r.obj.iface
	if i.Config().UpdateConfig == 0 {
		return nil, toWire(engine.ErrUpdateDisabled, nil)
	}
	if err := i.SaveConfig(); err != nil {
		return nil, unknownError("Failed to update configuration")
	}
	return nil, nil
}

func abortScan(r *request) ([]any, error) {
	if err := r.obj.iface.AbortScan(); err != nil {
		return nil, wire(nameScanError, "Abort failed or no scan in progress")
	}
	return nil, nil
}

// setPKCS11 stores both paths, or none.
func setPKCS11(r *request) ([]any, error) {
	i := r.obj.iface
	old := string(i.Config().PKCS11EnginePath)
	err := setPath(i, "pkcs11_engine_path", old, r.args[0].(string))
	if err == nil {
		if err = setPath(i, "pkcs11_module_path", string(i.Config().PKCS11ModulePath), r.args[1].(string)); err != nil {
			i.SetGlobal("pkcs11_engine_path", old) // was accepted before
		}
	}
	if err != nil {
		return nil, wire(nameStdInvalidArgs, err.Error())
	}
	return nil, nil
}

// setPath leaves a path that is the same alone: unset and empty are one here,
// but not in the file.
func setPath(i *engine.Interface, field, old, path string) error {
	if path == old {
		return nil
	}
	return i.SetGlobal(field, path)
}
