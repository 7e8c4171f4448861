// GraphQL. In: argv[2], which server. All answer at /graphql.
const { createServer } = require('node:http');
const { buildSchema } = require('graphql');
const { pause, print, start } = require('./routes.cjs');

const typeDefs =
  'type Query { user(id: ID, name: String): String posts: [String] fail: String } type Mutation { pay(amount: Int): String }';
const slow = (value) => async () => {
  await pause();
  return value;
};
const fail = async () => {
  throw new Error('as asked');
};
const rootValue = { user: slow('u'), posts: slow(['p']), fail, pay: slow('paid') };
const resolvers = {
  Query: { user: rootValue.user, posts: rootValue.posts, fail },
  Mutation: { pay: rootValue.pay },
};

const servers = {
  yoga() {
    const { createSchema, createYoga } = require('graphql-yoga');
    return start(
      createServer(
        createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false, batching: true }),
      ),
    );
  },
  async apollo() {
    const { ApolloServer } = require('@apollo/server');
    const { startStandaloneServer } = require('@apollo/server/standalone');
    const server = new ApolloServer({
      typeDefs,
      resolvers,
      csrfPrevention: false,
      allowBatchedHttpRequests: true,
    });
    const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
    console.log(new URL(url).port);
  },
  async 'apollo-express'() {
    const { ApolloServer } = require('@apollo/server');
    const { expressMiddleware } = express4() ?? require('@as-integrations/express5');
    const express = require('express');
    const server = new ApolloServer({
      typeDefs,
      resolvers,
      csrfPrevention: false,
      allowBatchedHttpRequests: true,
    });
    await server.start();
    const app = express();
    app.use('/graphql', express.json(), expressMiddleware(server));
    return start(createServer(app));
  },
  'graphql-http'() {
    const { createHandler } = lib('graphql-http/lib/use/http') ?? require('graphql-http/lib/use/node');
    return start(createServer(createHandler({ schema: buildSchema(typeDefs), rootValue })));
  },
  async mercurius() {
    const app = require('fastify')();
    app.register(require('mercurius'), { schema: typeDefs, resolvers, allowBatchedQueries: true });
    await app.listen({ port: 0, host: '127.0.0.1' });
    print(app.server);
  },
};

/** Apollo Server 4 has it inside. */
function express4() {
  return lib('@apollo/server/express4');
}

function lib(name) {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

void servers[process.argv[2]]();
