using BeschutWerk.Sector.Persons;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>The person as a request named them, for the adviser to compare with the record.</summary>
internal static class GivenPerson
{
    public static byte[] Seal(Persons persons, Person given, Guid adviceRequestId) =>
        persons.Seal(given.ToByteArray(), Row(adviceRequestId));

    /// <summary>As sealed in the dossier; null when it does not differ from the record.</summary>
    public static Person? Unseal(Persons persons, Dossier dossier) => dossier.SealedGivenPerson is { } box
        ? Person.Parser.ParseFrom(persons.Unseal(box, Row(dossier.AdviceRequestId)))
        : null;

    // Another one than that of the assessment: neither can be read in the place of the other.
    private static Guid Row(Guid adviceRequestId) => Ids.Derive(adviceRequestId, "given person");
}
