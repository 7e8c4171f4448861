// Notes on objects of the application that nobody can see: no own key, nothing in `util.inspect`, nothing a proxy notices.
// A private field can be put on any object: a base constructor returns that object, the subclass's fields land on it.
// In: objects. Out: classes to derive a stamp from (each has its own private field, so that reading it stays monomorphic).

/** `class Stamp extends Stamped { #note; … }`: `new Stamp(target)` puts `#note` on `target`. */
// oxlint-disable-next-line typescript/no-extraneous-class -- the constructor is the point
export class Stamped {
  constructor(target: object) {
    return target;
  }
}
