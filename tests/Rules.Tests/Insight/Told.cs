using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Sector.Numbers;
using BeschutWerk.Sector.Work;
using Advice = BeschutWerk.Insight.Facts.Advice;
using Placement = BeschutWerk.Insight.Facts.Placement;
using QuotaNumber = BeschutWerk.Insight.Facts.QuotaNumber;

namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>Facts as tests tell them.</summary>
internal static class Told
{
    public const string Amsterdam = "GM0363";

    public static readonly DateOnly EndOf2017 = new(2017, 12, 31);

    public static Guid Person(int number) => new(number, 0, 0, new byte[8]);

    public static Advice Asked(int person, DateOnly receivedOn, Requester requester = Requester.Municipality) =>
        new(Amsterdam, Person(person), requester, receivedOn, null, Verdict.Unspecified);

    public static Advice Advised(int person, DateOnly issuedOn, Verdict verdict = Verdict.Positive, Requester requester = Requester.Municipality) =>
        new(Amsterdam, Person(person), requester, issuedOn.AddDays(-38), issuedOn, verdict);

    /// <param name="later">Hours in the order of telling.</param>
    public static Placement Placed(int person, DateOnly startOn, DateOnly? lastDay = null, int minutes = 1500, params HoursFrom[] later) =>
        Placed(person, startOn, lastDay, minutes, later.Select(
            (hours, i) => PlacementChange.Amended(i + 2, hours.From, hours.MinutesPerWeek, lastDay ?? DateOnly.MaxValue)));

    public static Placement Placed(int person, DateOnly startOn, DateOnly? lastDay, int minutes, IEnumerable<PlacementChange> changes) =>
        new(Amsterdam, Person(person), PlacementRecord.Of(startOn, lastDay ?? DateOnly.MaxValue, minutes, changes));

    public static QuotaNumber Number(
        int number, int year = 2017, DateOnly? from = null, CountingUnit unit = CountingUnit.Places31Hours, QuotaOrigin origin = QuotaOrigin.Regulation,
        string municipality = Amsterdam, int publishedOnDay = 1) => new(
            municipality,
            new Publication(
                year, new DateOnly(year, 1, publishedOnDay), from ?? new DateOnly(year, 1, 1), Guid.Empty, DateTimeOffset.UnixEpoch),
            number, unit, origin);

    public static FactSet Of(params Advice[] advices) => new(advices, [], []);

    public static Measure On(this Figure figure, FactSet facts, DateOnly peildatum) => figure.Compute!(facts, new Moment(Peildatum: peildatum));

    public static Measure In(this Figure figure, FactSet facts, DateOnly from, DateOnly to) => figure.Compute!(facts, new Moment(from, to));

    /// <summary>A value as the contract writes it.</summary>
    public static string? Text(this Measure measure, Figure figure, int decimals = 2) =>
        measure.Value?.Times(Units.Factor(figure.Unit, figure.Unit)!.Value).ToText(decimals);
}
