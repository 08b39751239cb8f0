using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Insight.Figures;

/// <summary>Whether a figure can be told for this moment and requester.</summary>
internal static class MomentRules
{
    public static void Check(Figure figure, Moment moment, Requester requester, string path, FieldChecks checks)
    {
        if (figure.Kind == FigureKind.Period)
        {
            checks.Require(moment.From is not null, path + "period_from", $"{figure.Id} tells of a period.");
            checks.Require(moment.To is not null, path + "period_to", $"{figure.Id} tells of a period.");
            checks.Require(!(moment.From > moment.To), path + "period_to", "Lies before period_from.");
            checks.Require(moment.Peildatum is null, path + "peildatum", $"{figure.Id} tells of a period.");
        }
        else
        {
            checks.Require(moment.Peildatum is not null, path + "peildatum", $"{figure.Id} tells of a day.");
            checks.Require(moment.From is null, path + "period_from", $"{figure.Id} tells of a day.");
            checks.Require(moment.To is null || figure.HasCohort, path + "period_to", $"{figure.Id} tells of a day.");
            checks.Require(!(moment.To > moment.Peildatum), path + "period_to", "The cohort ends after the peildatum.");
        }

        checks.Require(requester == Requester.Unspecified || figure.ByRequester, path + "requester", $"{figure.Id} is not told per requester.");
    }
}
