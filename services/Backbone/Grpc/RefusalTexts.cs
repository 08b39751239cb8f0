using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>What a refusal says to a user, in Dutch. One sentence per reason; a test holds the table complete.</summary>
public static class RefusalTexts
{
    /// <summary>The sentence of a reason.</summary>
    public static string Dutch(ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidFields => "Een of meer velden zijn niet goed ingevuld.",
        ErrorReason.RequestIdReused => "Dit verzoeknummer is al gebruikt voor iets anders.",
        ErrorReason.WageValueNotACriterion => "Loonwaarde speelt geen rol bij het advies beschut werk.",
        ErrorReason.QuotaSumDiffers => "De aantallen tellen niet op tot het totaal uit de regeling.",
        ErrorReason.QuotaCodeUnknown => "De regeling noemt een gemeente die op de dag van publicatie niet bestond.",
        ErrorReason.QuotaDivisionIncomplete => "In de regeling ontbreekt een gemeente of staat een gemeente dubbel.",
        ErrorReason.NotAuthenticated => "U bent niet aangemeld, of uw aanmelding is verlopen.",
        ErrorReason.KindNotAllowed => "Uw organisatie mag dit niet.",
        ErrorReason.MunicipalityNotFound => "Deze gemeente is hier niet bekend.",
        ErrorReason.NotFound => "Dit is niet gevonden.",
        ErrorReason.TenantSuspended => "Deze gemeente is tijdelijk uitgeschakeld.",
        ErrorReason.AlreadyRegistered => "Dit staat al geregistreerd.",
        ErrorReason.DateBeforeItsBasis => "De datum ligt voor de stap waarop deze rust.",
        ErrorReason.StateForbids => "Dit kan niet in deze stand van het dossier.",
        ErrorReason.CitizenRequestBefore2017 => "Burgers kunnen sinds 1 januari 2017 zelf advies vragen.",
        ErrorReason.RequestAlreadyRunning => "Voor deze persoon loopt al een aanvraag.",
        ErrorReason.AssessmentMissing => "Er is nog geen beoordeling vastgelegd.",
        ErrorReason.AdviceContradictsAssessment => "Het advies past niet bij de beoordeling.",
        ErrorReason.LegalConflict => "Twee regels spreken elkaar tegen; een medewerker moet beslissen.",
        ErrorReason.AdviceMissing => "Er is nog geen advies van UWV.",
        ErrorReason.DeviationWithoutReason => "Afwijken van het advies kan alleen met de reden waarom het niet zorgvuldig is gemaakt.",
        ErrorReason.NoPositiveDetermination => "Er is geen positieve vaststelling door de gemeente.",
        ErrorReason.NumberReached => "Het aantal uit de regeling is bereikt; voor een extra plek is een budgetbesluit nodig.",
        ErrorReason.OutsideCircle => "Deze persoon hoorde toen niet tot de kring.",
        ErrorReason.OfferStands => "Er staat al een aanbod.",
        ErrorReason.NumberNotReached => "Het aantal uit de regeling is niet bereikt: bied een plek aan.",
        ErrorReason.MovedToMissing => "Geef op naar welke gemeente de persoon is verhuisd.",
        ErrorReason.NoContract => "Er is op die dag geen contract tussen gemeente en bedrijf.",
        ErrorReason.NoAcceptedOffer => "Er is geen geaccepteerd aanbod voor dit bedrijf.",
        ErrorReason.HoursExceedForty => "Samen is dit meer dan veertig uur per week.",
        ErrorReason.StartBeforeDetermination => "De plaatsing begint voor de vaststelling.",
        ErrorReason.ContractExists => "Er is op die dag al een contract.",
        ErrorReason.PersonalData => "De tekst lijkt een burgerservicenummer te bevatten.",
        ErrorReason.FigureNotAvailable => "Dit cijfer is niet te berekenen met wat is vastgelegd.",
        ErrorReason.WebhookLimitReached => "Deze gemeente heeft het hoogste aantal webhooks.",
        ErrorReason.EventStillFails => "Deze gebeurtenis is opnieuw niet verwerkt.",
        ErrorReason.BackupUnusable => "Deze reservekopie kan niet worden teruggezet.",
        ErrorReason.VersionChanged => "Dit is intussen gewijzigd; lees het opnieuw.",
        ErrorReason.TokenOfAnotherStore => "Dit hervattingspunt hoort bij een andere of herstelde administratie.",
        ErrorReason.WriteQueueFull => "Het is nu te druk; probeer het zo weer.",
        ErrorReason.StorageFull => "De opslag is vol; er is niets vastgelegd.",
        ErrorReason.ServiceUnreachable => "Een andere dienst is nu niet bereikbaar; probeer het later weer.",
        ErrorReason.ServerShuttingDown => "De dienst stopt; probeer het zo weer.",
        ErrorReason.StoreQuarantined => "De administratie van deze gemeente is buiten gebruik.",
        ErrorReason.DeadlinePassed => "Het duurde te lang; er is niets vastgelegd.",
        ErrorReason.Unexpected => "Er ging iets mis. Geef het nummer door aan de beheerder.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No sentence for this reason."),
    };
}
