using System.Globalization;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo;

/// <summary>The ministry imports its regulations, and the figures that it published.</summary>
internal sealed class Imports(ReferenceData reference, Parties parties)
{
    // All municipalities get their number before this is answered.
    private static readonly TimeSpan RegulationDeadline = TimeSpan.FromMinutes(2);

    public async Task RegulationsAsync(CancellationToken cancel)
    {
        var client = new QuotaService.QuotaServiceClient(parties.Ministry);
        foreach (var regulation in reference.Regulations.OrderBy(regulation => regulation.Year))
        {
            await client.ImportQuotaRegulationAsync(
                RequestOf(regulation, reference), deadline: DateTime.UtcNow + RegulationDeadline, cancellationToken: cancel);
        }
    }

    /// <summary>A regulation with its rows, and how those of split municipalities are divided.</summary>
    internal static ImportQuotaRegulationRequest RequestOf(QuotaRegulation regulation, ReferenceData reference) => new()
    {
        RequestId = DemoIds.Of($"regulation {regulation.Year} with shares"),
        Year = regulation.Year,
        CountingUnit = Written<CountingUnit>(regulation.CountingUnit),
        Source = regulation.Source,
        StatedTotal = regulation.StatedTotal,
        PublishedOn = regulation.PublishedOn.ToDate(),
        EffectiveFrom = regulation.EffectiveFrom.ToDate(),
        Numbers =
        {
            reference.Quotas[regulation.Year].Select(row => new QuotaNumber
            {
                Municipality = row.Code,
                Number = row.Number,
                Origin = Written<QuotaOrigin>(row.Origin),
            }),
        },
        SplitShares =
        {
            reference.Shares.Where(share => share.Year == regulation.Year).Select(share => new SplitShare
            {
                Municipality = share.Code,
                Successor = share.Successor,
                Number = share.Number,
            }),
        },
    };

    public async Task PublishedFiguresAsync(CancellationToken cancel)
    {
        var request = new ImportPublishedFiguresRequest { RequestId = DemoIds.Of("published figures"), ImportedOn = Registration.DayOfTheLetter.ToDate() };
        request.Figures.Add(reference.Figures.Select(row => new PublishedFigure
        {
            FigureId = row.FigureId,
            PeriodFrom = row.PeriodFrom?.ToDate(),
            PeriodTo = row.PeriodTo?.ToDate(),
            Peildatum = row.Peildatum?.ToDate(),
            Municipality = row.Municipality,
            Requester = Written<Requester>(row.Requester),
            Scenario = Written<Scenario>(row.Scenario),
            Value = row.Value.ToString(CultureInfo.InvariantCulture),
            RoundingStep = row.RoundingStep.ToString(CultureInfo.InvariantCulture),
            Unit = Written<FigureUnit>(row.Unit),
            Origin = Written<FigureOrigin>(row.Origin),
            Source = row.Source,
        }));
        await new FigureService.FigureServiceClient(parties.Ministry).ImportPublishedFiguresAsync(request, cancellationToken: cancel);
    }

    /// <summary>Reads <c>PLACES_31_HOURS</c>, as the files and the contracts write it; empty is UNSPECIFIED.</summary>
    private static T Written<T>(string value) where T : struct, Enum =>
        value.Length == 0 ? default : Enum.Parse<T>(value.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
