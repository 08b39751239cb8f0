using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>
/// Every call of every contract by everybody, with what is another's at each place of the request, beside the same call with what
/// nobody has. What is found wrong is kept as sentences.
/// </summary>
internal sealed class Matrix(IsolationPlatform platform)
{
    private const int SideBySide = 8;

    private static readonly string[] Reads = ["Get", "List", "Read", "Search", "Explain", "Subscribe", "Verify", "Extrapolate", "Compare"];

    private readonly Hidden _hidden = new(platform);

    private readonly string _unknown = IsolationPlatform.NewId();
    private int _feeds;

    /// <summary>
    /// Every RPC. OpenCase comes last: it is answered whatever request_id it has, so that from then on that id is the caller's own.
    /// </summary>
    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .OrderBy(method => method.Name == "OpenCase"),
    ];

    /// <summary>What was told apart.</summary>
    public ConcurrentQueue<string> Apart { get; } = new();

    /// <summary>What of another's was told.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>What a refused call stored.</summary>
    public ConcurrentQueue<string> Left { get; } = new();

    /// <summary>What was answered without a reason that has a name, or before it was looked at.</summary>
    public ConcurrentQueue<string> Vague { get; } = new();

    public List<MatrixRow> Rows { get; } = [];

    /// <summary>Feeds that were read to their end, or refused.</summary>
    public int FeedsRead => _feeds;

    /// <summary>All that was tried.</summary>
    public int Count => _feeds + Rows.Sum(row => row.Tries.Count);

    public async Task RunAsync(CancellationToken cancel)
    {
        await platform.Stored.SinceAsync(cancel);
        foreach (var method in Methods) Rows.Add(await TryAsync(method, cancel));
        await Parallel.ForEachAsync(Feeds.Of(platform), Limits(cancel), async (feed, _) =>
        {
            var read = await feed.ReadAsync(cancel);
            if (_hidden.Find(feed.Who, read, [feed.Municipality]) is { } found) Told.Enqueue($"{feed} tells {found}");
            Interlocked.Increment(ref _feeds);
        });
    }

    private async Task<MatrixRow> TryAsync(MethodDescriptor method, CancellationToken cancel)
    {
        var before = await platform.Stored.RowsAsync(cancel);
        var limits = Limits(cancel);
        var answers = new ConcurrentBag<(Try Tried, Answer Answer)>();
        var tries = platform.Everybody.SelectMany(who => TriesOf(method, who)).ToList();

        // What a call changes, it changed then: after that the same call has the same answer.
        var bases = tries.Select(tried => (tried.Who, tried.Context)).Distinct();
        await Parallel.ForEachAsync(bases, limits, async (one, _) =>
        {
            var warm = new Try(method, one.Who, one.Context, [], []);
            var answer = await AnswerAsync(warm, answers);
            if (one.Who.MayCall(method)) RequireLookedAt(warm, answer);
        });
        var pairs = tries.Where(tried => !tried.IsKnown).ToList();
        var references = new ConcurrentDictionary<string, Answer>();
        await Parallel.ForEachAsync(pairs.DistinctBy(tried => tried.Beside), limits, async (tried, _) =>
            references[tried.Beside] = await AnswerAsync(tried with { Values = [.. tried.Places.Select(Nothing(tried))] }, answers));
        await Parallel.ForEachAsync(tries, limits, async (tried, _) =>
        {
            var answer = await AnswerAsync(tried, answers);
            if (tried.IsKnown) return;
            var reference = references[tried.Beside];
            if (tried.Who.MayCall(method) && !tried.MayBeNoField) RequireLookedAt(tried, reference);
            if (answer.Text != reference.Text || answer.Outcome != reference.Outcome)
                Apart.Enqueue($"{tried}: {answer.Outcome} {answer.Text}\n    beside {reference.Outcome} {reference.Text}");
        });

        await LookAsync(method, answers, before, cancel);
        var outcomes = pairs.Select(tried => references[tried.Beside].Outcome).Distinct();
        return new MatrixRow(method, tries, [.. outcomes.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The rules of the fields come before anything that is another's: who is refused by them tries nothing.</summary>
    private void RequireLookedAt(Try tried, Answer answer)
    {
        if (answer.Outcome == "INVALID_FIELDS") Vague.Enqueue($"{tried} is looked at no further: {answer.Text}");
    }

    /// <summary>Whether what was refused is stored, and what was answered is another's.</summary>
    private async Task LookAsync(
        MethodDescriptor method, IReadOnlyCollection<(Try Tried, Answer Answer)> answers, Dictionary<string, long> before, CancellationToken cancel)
    {
        await platform.CaughtUpAsync();
        var stored = await platform.Stored.SinceAsync(cancel);
        foreach (var (tried, answer) in answers)
        {
            if (answer.IsRefused && stored.Contains(answer.Trace)) Left.Enqueue($"{tried}: {answer.Outcome}");
            var isNamed = answer.Code is not (StatusCode.Internal or StatusCode.Unknown) && answer.Outcome != "UNSPECIFIED";
            if (!isNamed) Vague.Enqueue($"{tried}: {answer.Code} {answer.Text}");
            if (_hidden.Find(tried.Who, answer.Bytes, [tried.Context, .. tried.Values]) is not { } found) continue;
            Told.Enqueue($"{tried} is told {found}");
        }

        if (answers.Any(answer => !answer.Answer.IsRefused)) return;
        var after = await platform.Stored.RowsAsync(cancel);
        foreach (var (table, rows) in after.Where(table => before.GetValueOrDefault(table.Key) != table.Value))
            Left.Enqueue($"{method.FullName}: {table} had {before.GetValueOrDefault(table)} rows and has {rows}");
    }

    private static ParallelOptions Limits(CancellationToken cancel) => new() { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancel };

    private IEnumerable<Try> TriesOf(MethodDescriptor method, Who who)
    {
        var places = Places.Of(method.InputType);
        var namesMunicipality = method.InputType.FindFieldByName("municipality") is not null;
        foreach (var place in places)
        {
            foreach (var owned in OthersFor(method, who, place))
            {
                foreach (var context in ContextsOf(who, owned, namesMunicipality && place.Name != "municipality"))
                {
                    if (TryOf(method, who, context, [(place, owned)]) is { } tried) yield return tried;
                }
            }
        }

        // What belongs together, in all the places where it can be named.
        var ids = places.Where(place => place.Field is "case_id" or "offer_id" or "placement_id" or "advice_request_id" or "event_id")
            .DistinctBy(place => place.Field).ToList();
        foreach (var thread in platform.Owned.Where(owned => owned.Municipality.Length > 0).GroupBy(owned => owned.Thread))
        {
            var together = ids.Select(place => (place, owned: thread.FirstOrDefault(owned => owned.Field == place.Field)!))
                .Where(one => one.owned is not null).ToList();
            if (together.Count < 2) continue;
            foreach (var context in ContextsOf(who, together[0].owned, namesMunicipality))
            {
                if (TryOf(method, who, context, together) is { } tried) yield return tried;
            }
        }
    }

    private static Try? TryOf(MethodDescriptor method, Who who, string context, List<(Place Place, Owned Owned)> together)
    {
        var isKnown = who.MayCall(method) && together.Exists(one => one.Owned.IsKnownTo(who)
            && (one.Owned.Municipality.Length == 0 || one.Place.Field == "municipality" || one.Owned.Municipality == context));
        // Who acts on what is theirs changes it.
        if (isKnown && !Reads.Any(method.Name.StartsWith)) return null;
        IReadOnlyList<Place> places = [.. together.Select(one => one.Place)];
        return new Try(method, who, context, places, [.. together.Select(one => one.Owned.Value)]) { IsKnown = isKnown };
    }

    private static IEnumerable<string> ContextsOf(Who who, Owned owned, bool everywhere) =>
        everywhere && owned.Municipality.Length > 0 && owned.Municipality != who.Home ? [who.Home, owned.Municipality] : [who.Home];

    private IEnumerable<Owned> OthersFor(MethodDescriptor method, Who who, Place place)
    {
        if (place.Field != "page_token") return platform.Owned.Where(owned => owned.Field == place.Field);
        var request = Places.Request(method, who, who.Home, place);
        return platform.Everybody.Where(other => other.Actor.Length > 0 && other.Actor != who.Actor)
            .Select(other => new Owned(place.Field, TokenOf(request, other.Kind, other.OrganisationId), "", "", _ => false));
    }

    private static string TokenOf(IMessage request, OrganisationKind kind, string organisation) =>
        PageToken.After(request, new Caller(kind, organisation, new HashSet<string>()), "3f2f0e46-6d6d-7c11-8b7e-0f4d5a3b2c10");

    /// <summary>What nobody has, to be named instead.</summary>
    private Func<Place, string> Nothing(Try tried) => place => place.Field switch
    {
        // The country is no secret, only who of it takes part.
        "municipality" => place.Name == "moved_to" ? BaseRequests.OfTheCountry : BaseRequests.Nowhere,
        "after" => BaseRequests.NoToken,
        "page_token" => TokenOf(tried.Request(), OrganisationKind.Municipality, BaseRequests.Nowhere),
        "request_id" => IsolationPlatform.NewId(),
        _ => _unknown,
    };

    private static async Task<Answer> AnswerAsync(Try tried, ConcurrentBag<(Try Tried, Answer Answer)> answers)
    {
        var answer = await Answer.OfAsync(tried.Method, tried.Who.Invoker, tried.Request(), tried.Values);
        answers.Add((tried, answer));
        return answer;
    }
}
