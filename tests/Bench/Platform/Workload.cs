using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Bench;

/// <summary>A candidate of the benchmark's municipality with an accepted offer.</summary>
public sealed record Candidate(Guid CaseId, Guid OfferId);

/// <summary>One placement, as both sides store it.</summary>
public readonly record struct Row(Guid PlacementId, Candidate Candidate, DateOnly Day)
{
    public const string Workplace = "packaging";
    public const string Terms = "cao-aan-de-slag";
    public const int MinutesPerWeek = 1500;
    public const EmployerSector Sector = EmployerSector.Sw;
    public const PlacementForm Form = PlacementForm.Inside;
    public const ContractType Contract = ContractType.Fixed;

    public PlacementReport Report() => new()
    {
        CaseId = Candidate.CaseId.ToString("D"),
        OfferId = Candidate.OfferId.ToString("D"),
        Sector = Sector,
        Workplace = Workplace,
        StartOn = Day.ToDate(),
        MinutesPerWeek = MinutesPerWeek,
        ContractType = Contract,
        LastDay = Day.ToDate(),
        Terms = Terms,
        Form = Form,
    };
}

/// <summary>
/// The placements of all rounds. Every candidate in turn is renewed for one more day on the offer that they accepted: no row
/// repeats, none overlaps, and neighbours in the stream are always other people.
/// </summary>
public sealed class Workload(IReadOnlyList<Candidate> candidates)
{
    public const string Municipality = "GM0363";
    public const string Company = "sw-bench";

    /// <summary>First day on which candidates may work; see <see cref="Scene"/>.</summary>
    public static readonly DateOnly FirstDay = new(2016, 3, 1);

    private int _next;

    /// <summary>The next rows, for both sides.</summary>
    public Row[] Take(int count)
    {
        var rows = new Row[count];
        for (var i = 0; i < count; i++)
        {
            rows[i] = new Row(Guid.CreateVersion7(), candidates[_next % candidates.Count], FirstDay.AddDays(_next / candidates.Count));
            _next++;
        }

        return rows;
    }

    /// <summary>The events that the platform raises for these rows.</summary>
    public static List<PlacementsReported> Facts(IEnumerable<Row> rows, int perEvent) => [.. rows.Chunk(perEvent).Select(chunk =>
    {
        var reported = new PlacementsReported { CompanyId = Company };
        reported.Placements.Add(chunk.Select(row => new ReportedPlacement
        {
            PlacementId = row.PlacementId.ToString("D"),
            CaseId = row.Candidate.CaseId.ToString("D"),
            OfferId = row.Candidate.OfferId.ToString("D"),
            StartOn = row.Day.ToDate(),
            LastDay = row.Day.ToDate(),
            MinutesPerWeek = Row.MinutesPerWeek,
            Form = Row.Form,
            Sector = Row.Sector,
        }));
        return reported;
    })];

    /// <summary>The same as bytes: for the raw loop, which gets them ready-made.</summary>
    public static List<byte[]> Events(IEnumerable<Row> rows, int perEvent) => [.. Facts(rows, perEvent).Select(fact => fact.ToByteArray())];

    /// <summary>The bodies that the platform sends to the broker for these rows, one for each: for the peers, which get them ready-made.</summary>
    public static List<ReadOnlyMemory<byte>> Bodies(IEnumerable<Row> rows) => [.. Facts(rows, perEvent: 1).Select((fact, i) => (ReadOnlyMemory<byte>)CloudEventJson.Write(new CloudEvent
    {
        Id = Guid.CreateVersion7().ToString("D"),
        Source = $"urn:nld:oin:00000000000000000000:systeem:beschutwerk-swcompanies:{Municipality}:00000000000000000000000000000000",
        Type = EventTypes.CloudType("placements-reported"),
        Sequence = i + 1,
        Subject = fact.Placements[0].PlacementId,
        Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow),
        Gemeentecode = Municipality,
        Actor = "sw:" + Company,
        Data = new Any { Value = fact.ToByteString() },
    }))];
}
