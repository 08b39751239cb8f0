using System.Diagnostics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.SwCompanies;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Bench;

/// <summary>
/// The peer: a plain loop over Microsoft.Data.Sqlite as its documentation advises it: one connection, prepared commands with
/// reused parameters, one transaction per batch. It writes the rows that the platform writes, into the tables that the
/// platform's own scripts make, and does nothing else: no network, no checks, no look-ups.
/// </summary>
public sealed class RawLoop : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _placement;
    private readonly SqliteCommand _event;
    private long _sequence;

    /// <param name="file">Its file; made here.</param>
    /// <param name="pragmas">Pragmas beyond WAL, or null for the defaults of the driver.</param>
    public RawLoop(string file, string? pragmas)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        if (pragmas is not null) Execute(pragmas);
        SchemaScripts.Of(typeof(SwCompanyStore).Assembly, platform: false).Apply(_connection);

        _placement = Prepare(
            """
            INSERT INTO placements (placement_id, case_id, offer_id, company_id, employer, sector, workplace, start_on,
                                    minutes_per_week, contract_type, last_day, terms, form, version, end_reason, end_cause)
            VALUES ($placement_id, $case_id, $offer_id, $company_id, $employer, $sector, $workplace, $start_on,
                    $minutes_per_week, $contract_type, $last_day, $terms, $form, $version, $end_reason, $end_cause)
            """,
            "$placement_id", "$case_id", "$offer_id", "$company_id", "$employer", "$sector", "$workplace", "$start_on",
            "$minutes_per_week", "$contract_type", "$last_day", "$terms", "$form", "$version", "$end_reason", "$end_cause");
        _event = Prepare(
            """
            INSERT INTO events (source_id, sequence, event_id, type, subject, time, traceparent, tracestate, actor, data)
            VALUES (0, $sequence, $event_id, $type, $subject, $time, NULL, NULL, $actor, $data)
            """,
            "$sequence", "$event_id", "$type", "$subject", "$time", "$actor", "$data");
    }

    /// <summary>Writes the rows, and one event after each <paramref name="rowsPerEvent"/> of them.</summary>
    /// <param name="rowsPerCommit">Rows of one transaction.</param>
    /// <param name="events">Ready-made bytes of the events.</param>
    public TimeSpan Write(Row[] rows, int rowsPerCommit, List<byte[]> events, int rowsPerEvent)
    {
        var (placement, fact) = (_placement.Parameters, _event.Parameters);
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < rows.Length; first += rowsPerCommit)
        {
            using var transaction = _connection.BeginTransaction();
            _placement.Transaction = _event.Transaction = transaction;
            for (var i = first; i < Math.Min(first + rowsPerCommit, rows.Length); i++)
            {
                var row = rows[i];
                placement[0].Value = row.PlacementId.ToByteArray(bigEndian: true);
                placement[1].Value = row.Candidate.CaseId.ToByteArray(bigEndian: true);
                placement[2].Value = row.Candidate.OfferId.ToByteArray(bigEndian: true);
                placement[3].Value = Workload.Company;
                placement[4].Value = "";
                placement[5].Value = (int)Row.Sector;
                placement[6].Value = Row.Workplace;
                placement[7].Value = StoreContext.Number(row.Day);
                placement[8].Value = Row.MinutesPerWeek;
                placement[9].Value = (int)Row.Contract;
                placement[10].Value = StoreContext.Number(row.Day);
                placement[11].Value = Row.Terms;
                placement[12].Value = (int)Row.Form;
                placement[13].Value = 1;
                placement[14].Value = 0;
                placement[15].Value = 0;
                _placement.ExecuteNonQuery();
                if ((i + 1) % rowsPerEvent != 0 && i + 1 != rows.Length) continue;

                fact[0].Value = ++_sequence;
                fact[1].Value = Guid.CreateVersion7().ToByteArray(bigEndian: true);
                fact[2].Value = "placements-reported";
                fact[3].Value = rowsPerEvent == 1 ? row.PlacementId.ToString("D") : Workload.Company;
                fact[4].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                fact[5].Value = "sw:" + Workload.Company;
                fact[6].Value = events[i / rowsPerEvent];
                _event.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>The connection, to read back what it holds and how.</summary>
    public SqliteConnection Connection => _connection;

    public void Dispose()
    {
        _placement.Dispose();
        _event.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // A constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }

    private void Execute(string sql)
    {
        using var command = Prepare(sql);
        command.ExecuteNonQuery();
    }
}
