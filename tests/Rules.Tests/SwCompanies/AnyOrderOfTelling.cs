using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.FromSwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.Placements;
using CsCheck;
using Google.Protobuf;
using Stored = BeschutWerk.SwCompanies.Placements.Placement;

namespace BeschutWerk.Rules.Tests.SwCompanies;

/// <summary>
/// The placements of one case, told in any order: the hours of every day are the same, in SwCompanies and, by its events, in
/// Insight. An end and its corrections follow each other, because the last correction holds; all else has a day of its own.
/// </summary>
public sealed class AnyOrderOfTelling
{
    private static readonly DateOnly First = new(2017, 1, 2);

    /// <summary>Changes begin before this day of a placement, which ends on or after it: so each is valid in any order.</summary>
    private const int Changing = 20;

    private static readonly Guid Case = Guid.NewGuid();

    /// <summary>Hours from a day on, or days that are added to the contract, or both.</summary>
    private sealed record Change(int From, int? Minutes, int? Added);

    /// <summary>What is true of one placement.</summary>
    /// <param name="Days">Days of the contract; null for a permanent one.</param>
    /// <param name="Changes">Each from a day of its own.</param>
    /// <param name="Ends">The end as told first and as corrected; null: it never ended.</param>
    private sealed record Truth(int StartOn, int? Days, int Minutes, Change[] Changes, PlacementEnd?[] Ends)
    {
        public override string ToString() =>
            $"from {StartOn} for {Days}: {Minutes}; {string.Join(' ', (object[])Changes)}; {string.Join(", ", Ends)}";

        public DateOnly Day(int day) => First.AddDays(StartOn + day);

        public int Sayings => 1 + Changes.Length + Ends.Length;

        public DateOnly AgreedLastDay => Days is { } days ? Day(days) : DateOnly.MaxValue;
    }

    private static readonly Gen<Truth> Truths =
        from startOn in Gen.Int[0, 60]
        from days in Gen.Int[Changing, 90].Select(Gen.Bool, (days, isFixed) => isFixed ? days : (int?)null)
        from minutes in Gen.Int[60, 800]
        from froms in Gen.Shuffle(Enumerable.Range(0, Changing).ToArray(), 0, 5)
        from told in Gen.Select(Gen.Int[60, 800], Gen.Int[0, 40], Gen.Int[0, 2]).Array[froms.Length]
        from ends in Gen.Select(Gen.Int[Changing, days ?? 90], Gen.Int[0, 3]).Array[0, 4]
        select new Truth(
            startOn, days, minutes, [.. froms.Zip(told, (day, one) => ChangeOf(day, one.Item1, one.Item2, days is null ? 0 : one.Item3))],
            Ends(startOn, ends));

    private static Change ChangeOf(int from, int minutes, int added, int kind) =>
        new(from, kind == 1 ? null : minutes, kind == 0 ? null : added);

    /// <summary>Only what changes something: an end before "it never ended", and nothing twice.</summary>
    private static PlacementEnd?[] Ends(int startOn, (int Day, int Kind)[] told)
    {
        var ends = new List<PlacementEnd?>();
        foreach (var (day, kind) in told)
        {
            var reason = kind == 1 ? EndReason.Correction : EndReason.NotRenewed;
            var end = new PlacementEnd(First.AddDays(startOn + day), reason, EndCause.Unspecified);
            PlacementEnd? next = kind == 0 && ends.Count > 0 ? null : end;
            if (ends.Count == 0 || ends[^1] != next) ends.Add(next);
        }

        return [.. ends];
    }

    [Fact]
    public void The_hours_of_every_day_are_the_same() =>
        Cases.Sample((truths, one, other) =>
        {
            var (first, second) = (Tell(truths, one), Tell(truths, other));
            for (var day = First; day <= First.AddDays(220); day = day.AddDays(1))
            {
                Assert.Equal(first.HoursOn(day), second.HoursOn(day));
                Assert.Equal(first.HoursOn(day), first.KnownHoursOn(day));
                var atWork = AtWork.Figure.Compute!(first.Facts, new Moment(Peildatum: day)).Value;
                Assert.Equal(Ratio.Of(first.HoursOn(day) > 0 ? 1 : 0), atWork);
            }
        }, iter: 1000);

    /// <summary>An order in which the placements take turns, and what decides the order within each.</summary>
    private sealed record Order(int[] Turns, int Seed)
    {
        public override string ToString() => $"{string.Join(' ', Turns)} by {Seed}";
    }

    private static Gen<Order> Orders(Truth[] truths) =>
        from turns in Gen.Shuffle(truths.SelectMany((truth, i) => Enumerable.Repeat(i, truth.Sayings)).ToArray())
        from seed in Gen.Int
        select new Order(turns, seed);

    private static readonly Gen<(Truth[], Order, Order)> Cases =
        Truths.Array[1, 3].SelectMany(truths => Gen.Select(Gen.Const(truths), Orders(truths), Orders(truths)));

    private static Platform Tell(Truth[] truths, Order order)
    {
        var random = new Random(order.Seed);
        var queues = truths.Select(truth => new Queue<Action<Platform, int>>(Sayings(truth, random))).ToArray();
        var platform = new Platform();
        foreach (var placement in order.Turns) queues[placement].Dequeue()(platform, placement);
        Assert.All(queues, Assert.Empty);
        platform.TellWhatWaited();
        return platform;
    }

    /// <summary>The report, then the changes in any order, and between them somewhere the end and its corrections.</summary>
    private static List<Action<Platform, int>> Sayings(Truth truth, Random random)
    {
        var changes = truth.Changes.OrderBy(_ => random.Next());
        var sayings = changes.Select(change => (Action<Platform, int>)((platform, i) => platform.Amend(i, truth, change))).ToList();
        var at = 0;
        foreach (var (i, end) in truth.Ends.Index())
        {
            at = random.Next(at, sayings.Count + 1);
            var ends = i == 0 || truth.Ends[i - 1] is null;
            sayings.Insert(at++, ends ? (platform, p) => platform.End(p, end!.Value) : (platform, p) => platform.Correct(p, end));
        }

        return [(platform, i) => platform.Report(i, truth), .. sayings];
    }

    /// <summary>SwCompanies, as far as its rules go, and Insight behind its events.</summary>
    private sealed class Platform
    {
        private readonly Dictionary<int, (Stored Placement, PlacementHistory History)> _stored = [];
        private readonly Dictionary<int, PlacementRow> _reported = [];
        private readonly Dictionary<int, List<PlacementChangeRow>> _changes = [];
        private readonly List<(int Index, Truth Truth, Change Change)> _waiting = [];

        public int HoursOn(DateOnly day) => _stored.Values.Select(stored => stored.History.Record)
            .Where(record => record.IsInForce(day)).Sum(record => record.MinutesOn(day));

        public int KnownHoursOn(DateOnly day) =>
            Facts.Placements.Where(placement => placement.IsInForce(day)).Sum(placement => placement.MinutesOn(day));

        public FactSet Facts =>
            new([], [.. _reported.Select(row => FactReading.Placed(row.Value, _changes[row.Key].Select(change => change.AsChange())))], []);

        public void Report(int index, Truth truth)
        {
            var placement = new Stored
            {
                PlacementId = Guid.NewGuid(), CaseId = Case, StartOn = truth.Day(0), LastDay = truth.AgreedLastDay,
                MinutesPerWeek = truth.Minutes, Version = 1,
                ContractType = truth.Days is null ? ContractType.Permanent : ContractType.Fixed,
            };
            _stored.Add(index, (placement, PlacementHistory.Of(placement)));
            _reported.Add(index, new PlacementRow
            {
                PlacementId = placement.PlacementId, CaseId = Case, StartOn = truth.Day(0), MinutesPerWeek = truth.Minutes,
                LastDay = truth.Days is null ? null : truth.AgreedLastDay,
            });
            _changes.Add(index, []);
        }

        public void Amend(int index, Truth truth, Change change)
        {
            var (placement, history) = _stored[index];
            var request = new AmendPlacementRequest
            {
                FromOn = truth.Day(change.From).ToDate(), MinutesPerWeek = change.Minutes ?? 0,
                LastDay = change.Added is { } added ? truth.AgreedLastDay.AddDays(added).ToDate() : null,
            };
            var ruling = PlacementRules.Amend(history, placement.ContractType, request);
            // Of what never was, or ended, the reporter must correct the end first: it is told again then.
            if (ruling.IsRefused) _waiting.Add((index, truth, change));
            else Store(index, history.With(ruling.OrThrow()), (p, h) => PlacementReactions.AsRow(Wire(AmendPlacement.AsAmended(p, h))));
        }

        public void End(int index, PlacementEnd end)
        {
            var history = _stored[index].History;
            var ended = history.With(PlacementRules.End(history, end).OrThrow());
            Store(index, ended, (p, h) => PlacementReactions.AsRow(Wire(EndPlacement.AsEnded(p, h))));
        }

        public void Correct(int index, PlacementEnd? end)
        {
            var history = _stored[index].History;
            var corrected = history.With(PlacementRules.CorrectEnd(history, end, history.Version).OrThrow());
            Store(index, corrected, (p, h) => PlacementReactions.AsRow(Wire(CorrectPlacementEnd.AsCorrected(p, h))));
        }

        /// <summary>What is refused then stays so: no hours of what never was, and no last day but that of the end.</summary>
        public void TellWhatWaited()
        {
            foreach (var (index, truth, change) in _waiting.ToList())
            {
                var hasEnded = _stored[index].History.Record.End is not null;
                if (!hasEnded) Amend(index, truth, change);
                else if (change.Minutes is not null) Amend(index, truth, change with { Added = null });
            }
        }

        private void Store(int index, PlacementHistory history, Func<Stored, PlacementHistory, PlacementChangeRow> row)
        {
            var placement = _stored[index].Placement;
            _stored[index] = (placement, history);
            // Insight may hear them in another order after a restore.
            _changes[index].Insert(0, row(placement, history));
        }

        private static T Wire<T>(T @event) where T : IMessage<T>, new() =>
            new MessageParser<T>(() => new T()).ParseFrom(@event.ToByteArray());
    }
}
