// A program in TypeScript, for tsx: one write to the port in argv[2], from a line that is known.
import { connect } from 'node:net';

interface Question {
  readonly text: string;
}

function ask(question: Question): void {
  const socket = connect(Number(process.argv[2]), '127.0.0.1', () => {
    socket.end(question.text); // line 10
  });
  socket.resume();
}

ask({ text: 'typed' });
