// An infotainment host in CommonJS: it owns the seat heating, lets the assistant set it, and shows what is said.
//   node examples/kiosk.cjs "turn my seat heating to three"
const { createVigil } = require('vigil');

const seatHeating = 'Vehicle.Cabin.Seat.Row1.DriverSide.HeatingCooling';

async function main(sentence) {
  // Nobody is heard here, as nothing listens at this address: sentences come in writing.
  const microphones = [{ source: 'unix:/tmp/no-microphone.sock' }];
  const vigil = await createVigil({ config: { assistant: { microphones, voice: 'none' } } });
  vigil.provideActuator(seatHeating, ({ value }) => console.log(`seat heating ${value} %`));
  let isUnderstood = false;
  const answered = new Promise((resolve) => {
    vigil.assistant$.subscribe((output) => {
      if (output.kind === 'understood') {
        console.log(`understood ${output.text}`);
        isUnderstood = true;
      }
      if (output.kind === 'say') {
        console.log(`says ${output.text}`);
        if (isUnderstood) resolve();
      }
    });
  });
  // The actuators of the host become known to the assistant with the next ticks.
  await new Promise((resolve) => setTimeout(resolve, 500));
  vigil.say(sentence);
  await answered;
  await vigil.dispose();
}

main(process.argv[2] ?? 'turn my seat heating to three');
