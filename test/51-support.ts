/** Paths of the shipped tree that the store tests write and read. */
export const speed = 'Vehicle.Speed';
export const gear = 'Vehicle.Powertrain.Transmission.CurrentGear';
export const brake = 'Vehicle.Chassis.Brake.PedalPosition';
export const state = 'Vehicle.LowVoltageSystemState';
