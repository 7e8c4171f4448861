# What the clinic keeps: patients, visits, doctors. In: a pool of asyncpg. Out: rows.

from flags import has


async def tables(pool, beds):
    await pool.execute("""
        CREATE TABLE patients (id int PRIMARY KEY, name text, ward text);
        CREATE TABLE doctors (id int PRIMARY KEY, name text);
        CREATE TABLE visits (id int PRIMARY KEY, patient_id int, doctor_id int);
        CREATE TABLE log (id serial PRIMARY KEY, entry text);
        INSERT INTO patients SELECT n, 'patient ' || n, 'ward ' || n % 9 FROM generate_series(0, 499) n;
        INSERT INTO doctors SELECT n, 'doctor ' || n FROM generate_series(0, 999) n;
        INSERT INTO visits SELECT n, n % 500, (n * 7 + n / 500 * 13) % 1000 FROM generate_series(0, 19999) n;
        CREATE INDEX ON visits (patient_id)""")
    await beds.execute("CREATE TABLE beds (id int PRIMARY KEY, n int)")
    await beds.execute("INSERT INTO beds SELECT n, 0 FROM generate_series(0, 499) n")


class Store:
    def __init__(self, pool):
        self.pool = pool

    async def patient(self, id):
        return await self.pool.fetchrow("SELECT name, ward FROM patients WHERE id = $1", id)  # fault asked-again

    async def visits(self, patient, limit):
        query = "SELECT id, doctor_id FROM visits WHERE patient_id = $1 LIMIT $2"
        return await self.pool.fetch(query, patient, limit)

    async def with_doctors(self, visits):
        if has("query-loop"):
            return [(visit["id"], await self.doctor(visit["doctor_id"])) for visit in visits]  # fault query-loop
        ids = [visit["doctor_id"] for visit in visits]
        return await self.pool.fetch("SELECT id, name FROM doctors WHERE id = ANY($1::int[])", ids)

    async def doctor(self, id):
        return await self.pool.fetchval("SELECT name FROM doctors WHERE id = $1", id)  # fault query-loop
