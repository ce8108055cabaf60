"""Buckets of a template: tags, lifecycle and default encryption are kept, and a bucket that holds objects is not deleted."""
from ministack.services import s3
from ministack.services.cloudformation import provisioners


def xml(tag, value):
    if isinstance(value, dict):
        return f'<{tag}>' + ''.join(xml(key, item) for key, item in value.items()) + f'</{tag}>'
    if isinstance(value, list):
        return ''.join(xml(tag, item) for item in value)
    return f'<{tag}>{str(value).lower() if isinstance(value, bool) else value}</{tag}>'


def lifecycle(configuration):
    rules = []
    for i, rule in enumerate(configuration.get('Rules', [])):
        out = {'ID': rule.get('Id', f'rule-{i}'), 'Status': rule['Status'], 'Filter': {'Prefix': rule.get('Prefix', '')}}
        if rule.get('ExpirationInDays'):
            out['Expiration'] = {'Days': rule['ExpirationInDays']}
        if rule.get('Transitions'):
            out['Transition'] = [{'Days': t.get('TransitionInDays', 0), 'StorageClass': t['StorageClass']} for t in rule['Transitions']]
        if rule.get('AbortIncompleteMultipartUpload'):
            out['AbortIncompleteMultipartUpload'] = rule['AbortIncompleteMultipartUpload']
        rules.append(out)
    return xml('LifecycleConfiguration', {'Rule': rules}).encode()


def encryption(configuration):
    rules = [
        {'ApplyServerSideEncryptionByDefault': dict(r['ServerSideEncryptionByDefault']), 'BucketKeyEnabled': r.get('BucketKeyEnabled', False)}
        for r in configuration['ServerSideEncryptionConfiguration']
    ]
    return xml('ServerSideEncryptionConfiguration', {'Rule': rules}).encode()


def put_encryption(name, body):
    # aws:kms without a key id means the account's managed key, which has no id here: the emulator would refuse every put.
    if b'>aws:kms' in body and b'KMSMasterKeyID' not in body:
        return None
    return s3._put_bucket_encryption(name, body)


def install():
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ('Tags', lambda tags: xml('Tagging', {'TagSet': {'Tag': tags}}).encode(), s3._put_bucket_tagging, s3._delete_bucket_tagging),
        ('LifecycleConfiguration', lifecycle, s3._put_bucket_lifecycle, lambda name: s3._bucket_lifecycle.pop(name, None)),
        ('BucketEncryption', encryption, put_encryption, s3._delete_bucket_encryption),
    )
    original = provisioners._s3_delete

    def delete(physical_id, properties):
        if (s3._buckets.get(physical_id) or {}).get('objects'):
            raise ValueError(f'The bucket you tried to delete is not empty ({physical_id})')
        original(physical_id, properties)

    provisioners._RESOURCE_HANDLERS['AWS::S3::Bucket']['delete'] = delete
