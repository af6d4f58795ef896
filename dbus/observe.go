package dbus

import (
	"sync"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/bss"
)

// observe turns an event of the engine into signals and marks. It runs inside
// the engine's turn and only reads.
func (s *Server) observe(ev engine.Event) {
	if _, ok := ev.(engine.DebugChanged); ok {
		s.debugChanged()
		return
	}
	if s.conn == nil {
		return
	}
	switch ev := ev.(type) {
	case engine.InterfaceAdded:
		s.interfaceAdded(ev.Iface)
	case engine.InterfaceRemoved:
		s.interfaceRemoved(ev.Iface)
	case engine.StateChanged:
		s.mark(interfaceObject(ev.Iface).key(), "State")
	case engine.ScanDone:
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "ScanDone", ev.Success)
	case engine.PropChanged:
		s.mark(interfaceObject(ev.Iface).key(), propNames[ev.Prop]...)
	case engine.BSSAdded, engine.BSSChanged, engine.BSSRemoved:
		s.observeBSS(ev)
	case engine.NetworkAdded, engine.NetworkRemoved, engine.NetworkEnabled, engine.NetworkSelected:
		s.observeNetwork(ev)
	case engine.BlobAdded:
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "BlobAdded", ev.Name)
	case engine.BlobRemoved:
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "BlobRemoved", ev.Name)
	case engine.GlobalChanged:
		s.globalChanged(ev)
	default:
		s.observeLink(ev)
	}
}

// observeLink tells what became of attempts. The two signals about wrong keys are
// upstream's; neither is in its introspection data.
func (s *Server) observeLink(ev engine.Event) {
	switch ev := ev.(type) {
	case engine.WrongKey:
		name := "PskMismatch"
		if ev.SAE {
			name = "SaePasswordMismatch"
		}
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, name)
	case engine.EAPReport:
		s.eapReport(ev)
	case engine.AttemptFailed:
		s.attemptFailed(ev.Iface, ev.Failure)
	case engine.FailuresForgotten:
		if visible(ev.Network) {
			s.mark(networkObject(ev.Iface, ev.Network).key(), "Failures")
		}
	}
}

// interfaceAdded announces an interface and the networks of its file.
func (s *Server) interfaceAdded(i *engine.Interface) {
	o := interfaceObject(i)
	s.emit(rootPath, ifaceRoot, "InterfaceAdded", o.path(), s.readable(o))
	for _, n := range i.Config().Networks {
		s.observeNetwork(engine.NetworkAdded{Iface: i, Network: n})
	}
}

// interfaceRemoved takes everything below the interface leave first.
func (s *Server) interfaceRemoved(i *engine.Interface) {
	s.changes.dropInterface(i.ID())
	path := interfaceObject(i).path()
	for b := range i.BSSs().All() {
		s.emit(path, ifaceInterface, "BSSRemoved", bssObject(i, b).path())
	}
	for _, n := range i.Config().Networks {
		if visible(n) {
			s.emit(path, ifaceInterface, "NetworkRemoved", networkObject(i, n).path())
		}
	}
	s.emit(rootPath, ifaceRoot, "InterfaceRemoved", path)
}

// propNames are the properties that stand for a value of the engine and whose
// changes are told. The others are read by those who want them.
var propNames = map[engine.Prop][]string{
	engine.PropState:            {"State"},
	engine.PropScanning:         {"Scanning"},
	engine.PropAPScan:           {"ApScan"},
	engine.PropCurrentBSS:       {"CurrentBSS"},
	engine.PropCurrentNetwork:   {"CurrentNetwork"},
	engine.PropCurrentAuthMode:  {"CurrentAuthMode"},
	engine.PropBSSs:             {"BSSs"},
	engine.PropMACAddress:       {"MACAddress"},
	engine.PropDisconnectReason: {"DisconnectReason"},
	engine.PropAuthStatusCode:   {"AuthStatusCode"},
	engine.PropAssocStatusCode:  {"AssocStatusCode"},
	engine.PropRoam:             {"RoamTime", "RoamComplete"},
	engine.PropSessionLength:    {"SessionLength"},
	engine.PropPKCS11:           {"PKCS11EnginePath", "PKCS11ModulePath"},
}

func (s *Server) globalChanged(ev engine.GlobalChanged) {
	switch ev.Name {
	case "pkcs11_engine_path":
		s.mark(interfaceObject(ev.Iface).key(), "PKCS11EnginePath")
	case "pkcs11_module_path":
		s.mark(interfaceObject(ev.Iface).key(), "PKCS11ModulePath")
	}
}

func (s *Server) observeBSS(ev engine.Event) {
	switch ev := ev.(type) {
	case engine.BSSAdded:
		o := bssObject(ev.Iface, ev.BSS)
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "BSSAdded", o.path(), s.readable(o))
	case engine.BSSChanged:
		s.markBits(bssObject(ev.Iface, ev.BSS).key(), bssBits(ev.Fields))
	case engine.BSSRemoved:
		o := bssObject(ev.Iface, ev.BSS)
		s.changes.drop(o.key())
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "BSSRemoved", o.path())
	}
}

// fieldNames are the properties that an update of a BSS can change.
var fieldNames = []struct {
	field bss.Fields
	name  string
}{
	{bss.FieldFreq, "Frequency"},
	{bss.FieldSignal, "Signal"},
	{bss.FieldPrivacy, "Privacy"},
	{bss.FieldMode, "Mode"},
	{bss.FieldWPA, "WPA"},
	{bss.FieldRSN, "RSN"},
	{bss.FieldWPS, "WPS"},
	{bss.FieldIEs, "IEs"},
	{bss.FieldRates, "Rates"},
	{bss.FieldAge, "Age"},
}

// bssBits is the set of properties that stand for changed fields.
func bssBits(f bss.Fields) (set uint64) {
	for _, row := range fieldNames {
		if f&row.field != 0 {
			set |= 1 << descriptors()[kindBSS].propertyIndex[row.name]
		}
	}
	return set
}

// blankNetwork is what NetworkAdded shows of a block that AddNetwork makes:
// upstream sends the signal before it puts the defaults in place.
var blankNetwork = sync.OnceValue(func() bus.Dict { return propertyDict(new(conf.Network)) })

// freshNetwork is such a block in our hands: disabled, with every default.
var freshNetwork = sync.OnceValue(func() []conf.Property { return conf.New().AddNetwork().Properties() })

func (s *Server) observeNetwork(ev engine.Event) {
	switch ev := ev.(type) {
	case engine.NetworkAdded:
		if !visible(ev.Network) {
			return
		}
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "NetworkAdded",
			networkObject(ev.Iface, ev.Network).path(), announcement(ev.Network))
	case engine.NetworkRemoved:
		if !visible(ev.Network) {
			return
		}
		o := networkObject(ev.Iface, ev.Network)
		if set := s.changes.marks[o.key()]; set != 0 {
			s.changes.drop(o.key())
			s.sendChanges(o, set)
		}
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "NetworkRemoved", o.path())
	case engine.NetworkEnabled:
		s.mark(networkObject(ev.Iface, ev.Network).key(), "Enabled")
	case engine.NetworkSelected:
		s.emit(interfaceObject(ev.Iface).path(), ifaceInterface, "NetworkSelected",
			networkObject(ev.Iface, ev.Network).path())
	}
}
