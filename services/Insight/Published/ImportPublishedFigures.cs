using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Published;

/// <summary>Stores what others published, to compare with.</summary>
internal static class ImportPublishedFigures
{
    public static ImportPublishedFiguresResponse Run(ImportPublishedFiguresRequest request, WriteSession<InsightStore> session)
    {
        var importedOn = request.ImportedOn.ToDateOnly();
        var rows = request.Figures.Select(figure => PublishedFigureRow.Of(figure, importedOn)).ToList();
        var checks = new FieldChecks();
        var seen = new HashSet<object>();
        for (var i = 0; i < rows.Count; i++)
        {
            PublishedFigureRules.Check(rows[i], session.Today, $"figures[{i}].", checks);
            checks.Require(seen.Add(rows[i].Key), $"figures[{i}]", "Stands in this import before.");
        }

        checks.ThrowIfAny();

        var earlier = session.Store.PublishedFigures.ToDictionary(row => row.Key);
        var response = new ImportPublishedFiguresResponse();
        foreach (var row in rows)
        {
            if (earlier.TryGetValue(row.Key, out var found))
            {
                (found.Value, found.RoundingStep, found.Unit, found.Origin, found.ImportedOn) = (row.Value, row.RoundingStep, row.Unit, row.Origin, row.ImportedOn);
                response.Replaced++;
            }
            else
            {
                session.Store.PublishedFigures.Add(row);
                response.Added++;
            }
        }

        return response;
    }
}
