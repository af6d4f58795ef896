package engine

import (
	"slices"

	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
)

// AddNetwork makes a disabled network block.
func (i *Interface) AddNetwork() (*conf.Network, error) {
	if len(i.conf.Networks) >= conf.MaxBlocks {
		return nil, ErrLimit
	}
	n := i.conf.AddNetwork()
	i.emit(NetworkAdded{i, n})
	i.changed(PropNetworks)
	return n, nil
}

// RemoveNetwork drops a block, leaving it first if it is in use.
func (i *Interface) RemoveNetwork(id int) error {
	n := i.conf.Network(id)
	if n == nil {
		return ErrUnknownNetwork
	}
	if i.uses(n) {
		i.leave("network removed")
	}
	i.holds.drop(n)
	i.partWith(n)
	delete(i.conn.eap, n)
	i.failures.forget(n)
	i.tellPMKSAs(i.conn.cache.FlushNetwork(id))
	i.conf.RemoveNetwork(id)
	i.emit(NetworkRemoved{i, n})
	i.changed(PropNetworks)
	i.reconsider()
	return nil
}

// partWith drops the passwords of a block, and what was derived from them some
// time later.
func (i *Interface) partWith(n *conf.Network) {
	i.conn.psks.forget(n, i.loop.Now())
	i.conn.akms.forget(n)
	i.awaitParting()
}

func (i *Interface) awaitParting() {
	if c := &i.conn; !c.parting.Pending() && len(c.psks.parted) > 0 {
		c.parting = i.loop.After(c.psks.parted[0].until.Sub(i.loop.Now()), i.name+" keys of removed networks", func() {
			c.psks.expire(i.loop.Now())
			i.awaitParting()
		})
	}
}

// RemoveAllNetworks drops every block.
func (i *Interface) RemoveAllNetworks() {
	for _, n := range slices.Clone(i.conf.Networks) {
		i.RemoveNetwork(n.ID)
	}
}

// reconsider puts an idle interface into the state that its networks ask for.
func (i *Interface) reconsider() {
	if !i.anyEnabled() && i.canScan() && i.state <= StateScanning && i.state != StateInterfaceDisabled && i.scan.job == nil {
		i.scan.timer.Stop()
		i.setState(StateInactive, "no enabled network")
	}
}

// SetNetwork stores one field in the syntax of the file.
func (i *Interface) SetNetwork(id int, name, value string) error {
	n := i.conf.Network(id)
	if n == nil {
		return ErrUnknownNetwork
	}
	changed, err := n.Set(name, value)
	if err != nil {
		return &InvalidError{What: name, Err: err}
	}
	if changed {
		i.networkChanged(n, name)
	}
	return nil
}

// CopyNetworkField copies a field, secrets included, between blocks (which may
// belong to different interfaces).
func (i *Interface) CopyNetworkField(to int, from *conf.Network, name string) error {
	n := i.conf.Network(to)
	if n == nil {
		return ErrUnknownNetwork
	}
	changed, err := n.CopyField(from, name)
	if err != nil {
		return &InvalidError{What: name, Err: err}
	}
	if changed {
		i.networkChanged(n, name)
	}
	return nil
}

// uses reports whether n is connected to, or is being connected to.
func (i *Interface) uses(n *conf.Network) bool {
	a := i.conn.attempt
	return i.current.network == n || a != nil && a.c.network == n
}

// networkChanged reacts to a new value in a block.
func (i *Interface) networkChanged(n *conf.Network, name string) {
	if f, ok := conf.NetworkField(name); ok && !f.KeepsCaches {
		i.tellPMKSAs(i.conn.cache.FlushNetwork(n.ID))
		delete(i.conn.eap, n)
		i.conn.akms.forget(n)
	}
	i.prepareNetwork(n, name)
	if name == "disabled" {
		i.emit(NetworkEnabled{i, n})
		i.reconsider()
	}
}

// EnableNetwork lets a block take part in selection; with connect a search
// begins at once when there is no connection.
func (i *Interface) EnableNetwork(id int, connect bool) error {
	n := i.conf.Network(id)
	if n == nil || n.Disabled == 2 {
		return ErrUnknownNetwork
	}
	i.enable(n)
	if connect {
		i.searchSoon()
	}
	return nil
}

func (i *Interface) enable(n *conf.Network) {
	i.unhold(n)
	if n.Disabled == 1 {
		n.Disabled = 0
		i.emit(NetworkEnabled{i, n})
	}
}

// searchSoon starts looking for a network when none is in use.
func (i *Interface) searchSoon() {
	if i.current.network == nil && !i.want.disconnected && i.state <= StateScanning {
		i.tryFresh()
	}
}

// EnableAllNetworks enables every block; connect as for EnableNetwork.
func (i *Interface) EnableAllNetworks(connect bool) {
	for _, n := range i.conf.Networks {
		if n.Disabled != 2 {
			i.enable(n)
		}
	}
	if connect {
		i.searchSoon()
	}
}

// DisableNetwork keeps a block out of selection and leaves it if in use.
func (i *Interface) DisableNetwork(id int) error {
	n := i.conf.Network(id)
	if n == nil || n.Disabled == 2 {
		return ErrUnknownNetwork
	}
	i.disableNetwork(n)
	i.reconsider()
	return nil
}

func (i *Interface) disableNetwork(n *conf.Network) {
	if n.Disabled == 0 {
		n.Disabled = 1
		i.emit(NetworkEnabled{i, n})
	}
	if i.uses(n) {
		i.leave("network disabled")
	}
}

// DisableAllNetworks disables every block.
func (i *Interface) DisableAllNetworks() {
	for _, n := range i.conf.Networks {
		if n.Disabled != 2 {
			i.disableNetwork(n)
		}
	}
	i.reconsider()
}

// SelectNetwork enables one block, disables the others, and looks for it; freqs
// limits the search.
func (i *Interface) SelectNetwork(id int, freqs []int) error {
	n := i.conf.Network(id)
	if n == nil || n.Disabled == 2 {
		return ErrUnknownNetwork
	}
	i.want.freqs = freqs
	for _, o := range i.conf.Networks {
		if o != n && o.Disabled == 0 {
			i.disableNetwork(o)
		}
	}
	i.enable(n)
	i.want.disconnected = false
	i.emit(NetworkSelected{i, n})
	if i.current.network == n {
		return nil
	}
	i.scan.resetPace()
	i.ClearIgnored()
	i.tryFresh()
	return nil
}

// SelectAny enables every block and looks for any of them.
func (i *Interface) SelectAny(freqs []int) {
	i.want.freqs, i.want.disconnected = freqs, false
	i.EnableAllNetworks(true)
}

func (s *scanner) resetPace() {
	s.busy = 0
	if s.auto != nil {
		s.auto.reset()
	}
}

// Disconnect leaves the network and stays away until a connection is asked for.
func (i *Interface) Disconnect() error {
	i.want.disconnected = true
	i.scan.timer.Stop()
	i.scan.stopSched()
	i.leave("disconnect was asked for")
	if i.state != StateInterfaceDisabled && i.scan.job == nil {
		i.setState(StateDisconnected, "disconnect was asked for")
	}
	return nil
}

// Reassociate begins a connection anew.
func (i *Interface) Reassociate() error {
	if i.state == StateInterfaceDisabled {
		return ErrDisabled
	}
	i.want.disconnected = false
	i.scan.resetPace()
	if w := i.wiredDevice(); w != nil && i.conn.link != nil {
		i.rejoinCable(w)
		return nil
	}
	if i.conn.link != nil {
		if c := i.choose(); c != nil {
			i.join(c)
			return nil
		}
	}
	i.tryFresh()
	return nil
}

// Reconnect begins a connection if Disconnect was asked for before.
func (i *Interface) Reconnect() error {
	if i.state == StateInterfaceDisabled {
		return ErrDisabled
	}
	if i.want.disconnected {
		return i.Reassociate()
	}
	return nil
}

// Reattach goes back to the present BSS.
func (i *Interface) Reattach() error {
	l := i.conn.link
	if l == nil || i.current.bss == nil {
		return ErrNotConnected
	}
	i.want.disconnected = false
	i.join(&candidate{bss: l.bss, network: l.network, ssid: l.ssid})
	return nil
}

// SetStaAutoconnect tells whether a lost connection is looked for again.
func (i *Interface) SetStaAutoconnect(on bool) { i.want.noAutoconn = !on }

// DisconnectedByUser reports whether Disconnect is in force.
func (i *Interface) DisconnectedByUser() bool { return i.want.disconnected }

// leave gives the association, or the attempt at one, up.
func (i *Interface) leave(why string) { i.dropLink(dot11.ReasonDeauthLeaving, why) }
