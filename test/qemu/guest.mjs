// A machine under QEMU that has CAN: boots once, keeps a snapshot, and goes back to it for every check.
import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Connects to a unix socket that may not be there yet. */
async function connect(path, deadline = Date.now() + 20_000) {
  for (;;) {
    const socket = createConnection(path);
    const failure = await new Promise((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', resolve);
    });
    if (failure === undefined) return socket;
    if (Date.now() > deadline) throw failure;
    await pause(50);
  }
}

/** Lines of a socket, asked for one at a time. */
class Lines {
  #waiting = [];
  #ready = [];
  #rest = '';

  constructor(socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) {
        const taker = this.#waiting.shift();
        if (taker === undefined) this.#ready.push(line.trimEnd());
        else taker(line.trimEnd());
      }
    });
    socket.on('error', () => {}); // seen as a time-out by who waits
  }

  next(what, timeoutMs = 60_000) {
    if (this.#ready.length > 0) return Promise.resolve(this.#ready.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer to ${what} in ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      this.#waiting.push((line) => {
        clearTimeout(timer);
        resolve(line);
      });
    });
  }

  forget() {
    this.#ready = [];
    this.#rest = '';
  }
}

export class Guest {
  #folder;
  #qemu;
  #monitor;
  #monitorLines;
  #serial;
  #serialLines;

  constructor(folder) {
    this.#folder = folder;
  }

  /** Starts QEMU; with a snapshot it resumes there, else it boots. */
  async start(resume) {
    const at = (name) => join(this.#folder, name);
    for (const name of ['commands.sock', 'monitor.sock']) rmSync(at(name), { force: true });
    const bus = ['-object', 'can-bus,id=bus0'];
    const controllers = [0, 1].flatMap(() => ['-device', 'kvaser_pci,canbus=bus0']);
    this.#qemu = spawn(
      'qemu-system-x86_64',
      [
        // KVM is never used: on some hosts it is there and does not work.
        ...['-M', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '256'],
        ...['-display', 'none', '-no-reboot', '-nodefaults'],
        ...['-kernel', at('vmlinux'), '-initrd', at('initrd.zst')],
        ...['-append', 'console=ttyS0 quiet panic=-1 tsc=unstable'],
        ...['-drive', `file=${at('snapshot.qcow2')},if=none,id=disk`, '-device', 'virtio-blk-pci,drive=disk'],
        ...['-serial', `file:${at('console.log')}`],
        ...['-chardev', `socket,id=commands,path=${at('commands.sock')},server=on,wait=on`],
        ...['-serial', 'chardev:commands'],
        ...['-qmp', `unix:${at('monitor.sock')},server=on,wait=off`],
        ...bus,
        ...controllers,
        ...(resume ? ['-loadvm', 'ready'] : []),
      ],
      { stdio: ['ignore', 'ignore', openSync(at('qemu.log'), 'w')] },
    );
    this.#qemu.on('error', (error) => process.stderr.write(`qemu: ${error.message}\n`));
    this.#serial = await connect(at('commands.sock'));
    this.#serialLines = new Lines(this.#serial);
    this.#monitor = await connect(at('monitor.sock'));
    this.#monitorLines = new Lines(this.#monitor);
    await this.#monitorLines.next('the monitor');
    await this.#ask({ execute: 'qmp_capabilities' });
    if (!resume) await this.#booted();
  }

  async #booted() {
    for (;;) {
      const line = await this.#serialLines.next('booting', 180_000).catch((error) => {
        const log = join(this.#folder, 'console.log');
        const console = existsSync(log) ? readFileSync(log, 'latin1').slice(-3000) : '';
        throw new Error(`${error.message}; the guest's console:\n${console}`);
      });
      if (line === 'READY') return;
    }
  }

  async #ask(command) {
    this.#monitor.write(`${JSON.stringify(command)}\n`);
    for (;;) {
      const answer = JSON.parse(await this.#monitorLines.next(command.execute));
      if (answer.error !== undefined) throw new Error(`${command.execute}: ${answer.error.desc}`);
      if (answer.return !== undefined) return answer.return;
    }
  }

  async #human(line) {
    const answer = await this.#ask({
      execute: 'human-monitor-command',
      arguments: { 'command-line': line },
    });
    if (answer.trim() !== '') throw new Error(`${line}: ${answer.trim()}`);
  }

  save() {
    return this.#human('savevm ready');
  }

  async restore() {
    await this.#human('loadvm ready');
    this.#serialLines.forget();
  }

  /** Runs a shell command in the guest: its output lines and exit code. */
  async run(command) {
    this.#serial.write(`${command}\n`);
    const lines = [];
    for (;;) {
      const line = await this.#serialLines.next(command);
      const end = /^END (\d+)$/.exec(line);
      if (end !== null) return { lines, code: Number(end[1]) };
      lines.push(line);
    }
  }

  async stop() {
    const ended = new Promise((resolve) => this.#qemu.once('exit', resolve));
    this.#monitor.write(`${JSON.stringify({ execute: 'quit' })}\n`);
    const timer = setTimeout(() => this.#qemu.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
    this.#serial.destroy();
    this.#monitor.destroy();
  }
}
